package mongodb

// RepairOdd waits for odd documents that were met, and repairs them.
var RepairOdd = (*Client).repairOdd
