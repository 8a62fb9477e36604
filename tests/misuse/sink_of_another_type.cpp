// expect: sink(…): the sink's record type is not that of the stream
#include "program.hpp"

void describe(job& j) { orders(j).sink(to_console<payment>()); }
