"""The scenario `milwaukee`, made from three weeks of a real dispatch log, and how near it is to the log."""
