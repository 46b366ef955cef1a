"""What each page of the console says, gathered from the features' queries; nothing here writes."""
