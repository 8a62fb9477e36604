// expect: aggregate<Out>(…) takes one column for each described member of Out, in the same order
#include "program.hpp"

void describe(job& j) { orders(j).key_by(&order::id).window(tumbling(1min)).aggregate<total>(key); }
