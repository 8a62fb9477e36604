// expect: merge(…): all streams have the same record type
#include "program.hpp"

void describe(job& j) { orders(j).merge(payments(j)); }
