ALTER TABLE source ADD COLUMN hook_secret TEXT NOT NULL DEFAULT ''; -- by which a webhook's sender signs; '' none: whoever knows the address is believed
