// expect: both streams need keys of one type: let one key_by convert to the type of the other
#include "program.hpp"

void describe(job& j) { orders(j).key_by(&order::id).join(payments(j).key_by(&payment::order)); }
