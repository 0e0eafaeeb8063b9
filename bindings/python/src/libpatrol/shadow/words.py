"""Reasons in the words of the report, and what it never concludes."""

from libpatrol.shadow.comparisons import NOT_KNOWN, NOT_SAID

WHY_NOT = {
    "ASSIGNED": "it would have sent it, beside others",
    "WORSE": "another decision was better by the measure of its policy",
    "OFF_DUTY": "the unit was off duty by the events",
    "BUSY": "the unit was busy by the events",
    "NO_DIVERSION": "no rule lets the unit leave its call for this one",
    "NO_UNIT_MISSING": "the call had all its units",
    "CAPABILITIES": "the unit lacks what the call requires",
    "NEEDS": "the call needs other units",
    "STALE_POSITION": "the unit's position was too old",
    "SHIFT_END": "the unit's shift was about to end",
    "UNREACHABLE": "no road leads from the unit to the call",
    "MAXIMUM_TRAVEL": "the unit was too far away by a rule",
    "OTHER_BEAT": "a rule keeps the unit in its beat",
    "NOT_NEAREST": "another unit was nearer",
    "ALL_OR_NONE": "the call needs all its units at once",
    "HOLD_TRAVEL": "the unit was too far away for a call that may wait",
    "STRICT_PRIORITY": "a more urgent call came first",
    "NEVER_HOLD": "a call that may not wait came first",
    "RESERVE": "a rule keeps the unit in reserve",
    "OTHER_CALL": "it would have sent the unit to another call",
    "NO_TIME": "the search ended before it was looked at",
    "PRIORITIES": "the unit is not for calls of this priority",
    "NOT_YET": "the call was for later",
    "SUBSTITUTE": "the call went by other units that may serve it",
    "PLANNED": "the call waited for a busy unit that was expected there first",
    NOT_SAID: "not known: the events told something of the unit or call that is not valid",
    NOT_KNOWN: "by the events the unit was not on duty, or nowhere",
}
WAITS = {
    "NO_ELIGIBLE_UNIT": "no free unit could serve the call",
    "UNITS_TAKEN": "every unit that could serve it went to another call",
    "HELD": "waiting for a nearer unit was worth more",
    "STRICT_PRIORITY": "a rule kept the unit for a more urgent call",
    "RESERVE": "a rule kept the unit in reserve",
    "ALL_OR_NONE": "there were fewer units than the call needs at once",
    "LEFT_OUT": "what the events said of the call was not valid",
    "NO_TIME": "the search ended before it was looked at",
    "NOT_YET": "the call was for later",
    "PLANNED": "a busy unit was expected there before every free one",
}
CONCLUDED = (
    "Predicted, not observed: nobody drove what libpatrol would have decided.",
    "libpatrol chooses by the same predicted drives by which it is compared here. Its units would have turned out less "
    "near than predicted, by an amount that is not known.",
    "Each decision begins from what was really done before. Had another unit gone, later calls would have found other "
    "units free. What that does to response times, only a simulation or a trial can tell.",
    "Dispatchers know what events do not tell: which unit is about to be free, who knows the address, who asked to go. "
    "A difference is not a mistake, of either side.",
    "Only units and calls were looked at. Nothing here says anything about the safety of officers or of the public.",
)
