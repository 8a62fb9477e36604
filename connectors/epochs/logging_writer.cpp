#include <leat/connectors/epochs/logging_writer.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

logging_writer::logging_writer(std::uint32_t shard, memory_bound bound, std::unique_ptr<epoch_committer> committer)
  : bound_{std::move(bound)}, book_{shard}, committer_{std::move(committer)} {}

void logging_writer::restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) {
  book_.restore(logs);
  committer_->restore(checkpoint, std::move(logs));
}

bool logging_writer::restored() {
  if (restored_)
    return true;
  committer_->committed(); // throws why it never will be
  const auto marker = committer_->restored();
  restored_ = marker.has_value();
  book_.restored(marker.value_or(0));
  return restored_;
}

std::size_t logging_writer::write(const batch_base& in, std::size_t from) {
  book_.written(committed());
  if (!restored() || book_.durable_bytes() >= bound_.bytes / 2 || room() >= epoch_room::unstored)
    return 0;
  const auto count = in.size() - from;
  rejected_ += log(in, from, count, open_);
  return count;
}

epoch_room logging_writer::room() const { return book_.room(open_.bytes(), bound_.bytes / 2); }

std::string logging_writer::epoch_too_large() const {
  return fmt::format(
    "the records for {} since the last checkpoint that could be stored take more than {} bytes, half of {}: raise that, "
    "have "
    "checkpoints more often, or let them be unaligned",
    bound_.destination, bound_.bytes / 2, bound_.setting);
}

epoch_cut logging_writer::cut(std::uint64_t epoch) {
  book_.written(committed());
  if (!restored())
    return {}; // no record was taken, and what the store holds is still needed
  const auto now = clock::now();
  const bool sets_marker = open_.records() > 0 || !marked_at_ || now - *marked_at_ >= marker_refresh;
  if (sets_marker)
    marked_at_ = now;
  return book_.cut(epoch, open_.finish(epoch, book_.last_marker()), sets_marker);
}

void logging_writer::commit(std::uint64_t epoch) { committer_->commit(epoch, book_.commit(epoch)); }

std::uint64_t logging_writer::committed() { return committer_->committed(); }

} // namespace leat
