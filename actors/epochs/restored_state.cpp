#include <leat/actors/epochs/restored_state.hpp>

#include <leat/actors/sinks/exactly_once_end.hpp>
#include <leat/base/encoding.hpp>

#include <algorithm>
#include <iterator>
#include <limits>

namespace leat {

std::vector<saved_reading> read_so_far(const stored_checkpoint& in, const std::string& source) {
  std::vector<saved_reading> all;
  in.look(source, positions_state, [&](const stored_entry& e) {
    auto [which, at] = position_of(e.view());
    all.push_back({std::move(which), at.offset, std::move(at.evidence)});
  });
  return all;
}

std::optional<std::size_t>
memory_of_rows(std::optional<std::size_t> bound, std::size_t load_at_start, const std::optional<stored_checkpoint>& from) {
  const bool much = from && !from->foreign && from->manifest.bytes() >= load_at_start;
  return !bound && much ? std::numeric_limits<std::size_t>::max() : bound;
}

bool restored_state::take(const stored_entry& entry) {
  if (entry.state == positions_state) {
    positions_[std::string{entry.step}].insert(position_of(entry.view()));
  } else if (entry.state == epoch_logs_state) {
    epoch_logs_[std::string{entry.step}].push_back(epoch_log_of(entry.view()));
  } else if (entry.state == in_flight_state) {
    in_flight_.push_back({decoded<in_flight_name>(entry.key), decoded<in_flight_records>(entry.value)});
  } else if (entry.state == input_watermark_state) {
    const auto time = decoded<timestamp>(entry.key);
    const auto [least, first] = watermarks_.try_emplace(std::string{entry.step}, time);
    least->second = std::min(least->second, time);
  } else {
    return false;
  }
  return true;
}

void restored_state::complete(adapted_state how) {
  how_ = std::move(how);
  std::ranges::sort(in_flight_, {}, &in_flight_entry::name);
}

std::optional<partition_position> restored_state::position(const stage_plan& source, const partition& which) const {
  const auto of_source = positions_.find(uid_of(source));
  if (of_source == positions_.end())
    return std::nullopt;
  const auto found = of_source->second.find(which);
  return found == of_source->second.end() ? std::nullopt : std::optional{found->second};
}

timestamp restored_state::watermark(const stage_plan& stage) const {
  const auto found = watermarks_.find(uid_of(stage));
  return found == watermarks_.end() ? min_timestamp : found->second;
}

std::vector<saved_epoch_log>
restored_state::epoch_logs(const stage_plan& sink, std::uint32_t instance, std::uint32_t parallelism) const {
  std::vector<saved_epoch_log> logs;
  if (const auto of_sink = epoch_logs_.find(uid_of(sink)); of_sink != epoch_logs_.end())
    std::ranges::copy_if(of_sink->second, std::back_inserter(logs), [&](const saved_epoch_log& log) {
      return log.name.shard % parallelism == instance;
    });
  return logs;
}

} // namespace leat
