// expect: a column does not fit its member of Out without loss
// expect: total::cents
#include "program.hpp"

void describe(job& j) { orders(j).key_by(&order::id).window(tumbling(1min)).aggregate<total>(key, avg(&order::cents)); }
