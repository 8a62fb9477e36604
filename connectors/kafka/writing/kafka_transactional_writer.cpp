#include <leat/connectors/kafka/writing/kafka_transactional_writer.hpp>

#include <leat/connectors/kafka/writing/letters.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace leat {

kafka_transactional_writer::kafka_transactional_writer(
  record_lineup::parts records, std::unique_ptr<epoch_committer> committer, parts with)
  : logging_writer{with.shard, {with.memory, fmt::format("topic \"{}\"", with.topic), "kafka.epoch-memory"}, std::move(committer)},
    lineup_{std::move(records)}, with_{std::move(with)} {}

std::uint64_t
kafka_transactional_writer::log(const batch_base& in, std::size_t from, std::size_t count, epoch_log_writer& to) {
  lineup_.line_up(in, from, count);
  logged_record record;
  record.topic = with_.topic;
  record.time = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  for (const auto& r : lineup_.records()) {
    record.key = r.key;
    record.value = r.value;
    to.add(record);
  }
  if (with_.writes_letters)
    for (const auto& letter : lineup_.refused())
      log_letter(to, letter);
  return lineup_.refused().size();
}

} // namespace leat
