"""What other mail systems say about mail of ours: bounces, delays, receipts of delivery and complaints, as reports."""
