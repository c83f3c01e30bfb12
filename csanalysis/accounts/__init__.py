"""What the company's own records say: contract periods to account-months."""
