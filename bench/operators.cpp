// Each operator and kind of window behind the same source in memory, on two shards, with few keys and with many: what an
// event costs there. Beside it the source alone, and for sliding windows tumbling ones. `--only TEXT` measures those whose
// names hold the text, and what they are compared with.

#include <leat/bench/operators/pipeline_table.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  std::string only;
  const auto json = leat::bench::json_file(argc, argv, &only);
  leat::bench::operators::pipeline_table t;
  add_stateless(t);
  add_keyed(t);
  add_windows(t);
  if (!t.measure(only)) {
    fmt::print(stderr, "--only {}: no name has that; there are\n{}", only, t.names());
    return 2;
  }
  t.report.print();
  if (json)
    t.report.write_json(*json);
}
