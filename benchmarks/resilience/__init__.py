"""Load, faults and abuse: what is tried, how ours does and how its peers do."""
