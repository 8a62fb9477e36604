#include <leat/base/error.hpp>
#include <leat/connectors/epochs/epoch_log.hpp>
#include <leat/tests/fuzz/fuzz_target.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

#include <algorithm>

namespace leat::testing {

namespace {

/// The log with the same records, as the writer makes it; none when it is damaged.
std::optional<std::string> written_again(std::string_view log) {
  try {
    epoch_log_reader from{log};
    epoch_log_writer to;
    std::uint64_t records = 0;
    while (const auto record = from.next()) {
      to.add(*record);
      ++records;
    }
    demand(records == from.records(), "a log holds as many records as it says");
    return *to.finish(from.epoch(), from.after());
  } catch (const state_error& e) {
    demand(!std::string_view{e.what()}.empty(), "a damaged log is refused with a reason");
    return std::nullopt;
  }
}

} // namespace

void fuzz_epoch_log(std::string_view log) {
  const auto once = written_again(log);
  if (!once)
    return;
  const auto twice = written_again(*once);
  demand(twice == once, "what was written and read is written as before");
}

} // namespace leat::testing
