package mongodb

// RepairOdd repairs the odd documents that were met.
var RepairOdd = (*Client).repairOdd
