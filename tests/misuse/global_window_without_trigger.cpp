// expect: A global window has no end: write .trigger(every_count(n))
#include "program.hpp"

void describe(job& j) { orders(j).key_by(&order::id).window(global_windows{}).aggregate<total>(key, sum(&order::cents)); }
