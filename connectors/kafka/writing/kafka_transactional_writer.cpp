#include <leat/connectors/kafka/writing/kafka_transactional_writer.hpp>

#include <leat/connectors/kafka/writing/letters.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

kafka_transactional_writer::kafka_transactional_writer(
  record_lineup::parts records, std::unique_ptr<epoch_committer> committer, parts with)
  : lineup_{std::move(records)}, with_{std::move(with)}, book_{with_.shard}, committer_{std::move(committer)} {}

void kafka_transactional_writer::restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) {
  book_.restore(logs);
  committer_->restore(checkpoint, std::move(logs));
}

bool kafka_transactional_writer::restored() {
  if (restored_)
    return true;
  committer_->committed(); // throws why it never will be
  const auto marker = committer_->restored();
  restored_ = marker.has_value();
  book_.restored(marker.value_or(0));
  return restored_;
}

std::size_t kafka_transactional_writer::write(const batch_base& in, std::size_t from) {
  book_.written(committed());
  if (!restored() || book_.durable_bytes() >= with_.memory / 2 || room() >= epoch_room::unstored)
    return 0;
  const auto count = in.size() - from;
  lineup_.line_up(in, from, count);
  logged_record record;
  record.topic = with_.topic;
  record.time = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
  for (const auto& r : lineup_.records()) {
    record.key = r.key;
    record.value = r.value;
    open_.add(record);
  }
  for (const auto& letter : lineup_.refused()) {
    ++rejected_;
    if (with_.writes_letters)
      log_letter(open_, letter);
  }
  return count;
}

epoch_room kafka_transactional_writer::room() const { return book_.room(open_.bytes(), with_.memory / 2); }

std::string kafka_transactional_writer::epoch_too_large() const {
  return fmt::format(
    "the records for topic \"{}\" since the last checkpoint that could be stored take more than {} bytes, half of "
    "kafka.epoch-memory: raise that, have checkpoints more often, or let them be unaligned",
    with_.topic, with_.memory / 2);
}

epoch_cut kafka_transactional_writer::cut(std::uint64_t epoch) {
  book_.written(committed());
  if (!restored())
    return {}; // no record was taken, and what the store holds is still needed
  const auto now = clock::now();
  const bool sets_marker = open_.records() > 0 || !marked_at_ || now - *marked_at_ >= marker_refresh;
  if (sets_marker)
    marked_at_ = now;
  return book_.cut(epoch, open_.finish(epoch, book_.last_marker()), sets_marker);
}

void kafka_transactional_writer::commit(std::uint64_t epoch) { committer_->commit(epoch, book_.commit(epoch)); }

std::uint64_t kafka_transactional_writer::committed() { return committer_->committed(); }

} // namespace leat
