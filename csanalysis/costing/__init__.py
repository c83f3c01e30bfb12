"""What it costs and what comes back: ledger, outcome, offers, touch tiers."""
