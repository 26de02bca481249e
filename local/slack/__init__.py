"""The Slack of a laptop: an incoming webhook, and a page that shows what it received."""
