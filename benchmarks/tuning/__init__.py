"""The contest in tuning, by the problems of decision 11."""
