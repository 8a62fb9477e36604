// file-totals: totals per key and second of files of events, into files, exactly once. Reads slowly enough to be killed in between.

#include <leat/connectors/files.hpp>
#include <leat/leat.hpp>

#include <thread>

namespace {

struct event {
  std::string key;
  std::int64_t value = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(event, (), (key, value, at))

struct total {
  std::string key;
  leat::timestamp from;
  std::int64_t events = 0, sum = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (key, from, events, sum))

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  command_line_parser parser{"file-totals", "Totals per key and second, from files to files."};
  std::string input, output, pace = "0";
  parser.option("--input", "FOLDER", "Folder to read", input);
  parser.option("--output", "FOLDER", "Folder to write", output);
  parser.option("--pace", "COUNT", "Events in a millisecond, of each file; 0: as fast as they come", pace);
  return run(parser, {}, argc, argv, [&](const launch&) {
    job totals{"file-totals"};
    const auto at_once = std::stol(pace);
    totals.source(files::source<event>(input, csv).event_time(&event::at, late_by(50ms)).dead_letters(output + "-bad"))
      .uid("events")
      .filter([at_once, seen = 0L](const event&) mutable {
        if (at_once > 0 && ++seen % at_once == 0)
          std::this_thread::sleep_for(1ms);
        return true;
      })
      .key_by(&event::key)
      .window(tumbling(1s))
      .aggregate<total>(key, window_start, count, sum(&event::value))
      .sink(files::sink<total>(output, json).exactly_once().roll_after(200ms).dead_letters(output + "-bad"));
    return totals;
  });
}
