"""When something fails: how grave it is, who responds, and the one message that says so."""
