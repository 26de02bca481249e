# All that this environment has of its own; the other files are the same in both.
locals {
  environment      = "PRD"
  location         = "westus2"
  time_travel_days = 7
  monthly_credits  = 60
  replication      = "GRS"
  undelete_days    = 90
  candidate_days   = 30
}
