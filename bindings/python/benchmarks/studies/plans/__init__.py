"""Whether it helps to let calls wait for busy units that are about to be free."""
