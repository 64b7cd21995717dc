"""What being late costs, and who has longer."""
