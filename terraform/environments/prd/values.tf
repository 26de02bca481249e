# This environment's values; every other file is the same in both environments.
locals {
  environment      = "PRD"
  location         = "westus2"
  time_travel_days = 7  # More than one day needs Snowflake's Enterprise edition.
  monthly_credits  = 60 # docs/cost.md has the sum.
  replication      = "GRS"
  undelete_days    = 90
  candidate_days   = 30
}
