// expect: key_by(k): k is a member of the record, or a function that takes it by const reference and returns the key
#include "program.hpp"

void describe(job& j) { orders(j).key_by(&payment::order); }
