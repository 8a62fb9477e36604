// expect: window(…) needs a keyed stream: write .key_by(…) before it, or .all() for one window over everything
#include "program.hpp"

void describe(job& j) { orders(j).window(tumbling(1min)); }
