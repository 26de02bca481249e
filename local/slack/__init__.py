"""An emulated Slack: an incoming webhook, and a page that shows the received messages."""
