"""Parts of the contest in forecasting what customers spend."""
