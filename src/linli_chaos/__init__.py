"""Small stories under random faults and kills: whatever the seed does to Linli, nothing is lost and nothing doubled."""
