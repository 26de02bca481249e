# This environment's values; every other file is the same in both environments.
locals {
  environment      = "DEV"
  location         = "westus2"
  time_travel_days = 1
  monthly_credits  = 30 # docs/cost.md has the sum.
  replication      = "LRS"
  undelete_days    = 7
  candidate_days   = 7
}
