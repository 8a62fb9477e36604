// bench_connectors: what formats and connectors make of order events.

#include <leat/bench/connectors/connectors.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <string>

int main(int argc, char** argv) {
  using namespace leat;
  std::string only;
  const auto json = bench::json_file(argc, argv, &only);
  bench::bench_report report{"connectors"};
  if (!only.empty() && only != "formats" && only != "protobuf" && only != "postgres") {
    fmt::print(stderr, "--only {}: there are formats, protobuf and postgres\n", only);
    return 2;
  }
  if (only.empty() || only == "formats")
    bench::report_formats(report);
  if (only.empty() || only == "protobuf")
    bench::report_protobuf_library(report);
  if (only.empty() || only == "postgres")
    bench::report_postgres(report);
  report.print();
  if (json)
    report.write_json(*json);
}
