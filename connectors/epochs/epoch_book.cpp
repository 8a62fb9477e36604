#include <leat/connectors/epochs/epoch_book.hpp>

#include <algorithm>
#include <utility>

namespace leat {

void epoch_book::restore(const std::vector<saved_epoch_log>& logs) {
  for (const auto& log : logs)
    saved_.push_back(log.name);
}

epoch_cut epoch_book::cut(std::uint64_t epoch, std::shared_ptr<const std::string> log, bool sets_marker) {
  if (sets_marker)
    last_marker_ = epoch;
  const auto still_needed = [this](const epoch_log_name& name) { return name.shard == shard_ && name.epoch > out_; };
  const auto out = std::stable_partition(saved_.begin(), saved_.end(), still_needed);
  epoch_cut changed{cut_epoch_log{{shard_, epoch}, log}, {out, saved_.end()}};
  saved_.erase(out, saved_.end());
  saved_.push_back(changed.log->name);
  undecided_bytes_ += log->size();
  waiting_.push_back({std::make_shared<const epoch_section>(epoch_section{epoch, std::move(log), sets_marker}), false});
  return changed;
}

std::vector<std::shared_ptr<const epoch_section>> epoch_book::commit(std::uint64_t epoch) {
  std::vector<std::shared_ptr<const epoch_section>> ready;
  for (auto& w : waiting_)
    if (!w.durable && w.section->epoch <= epoch) {
      w.durable = true;
      undecided_bytes_ -= w.section->log->size();
      durable_bytes_ += w.section->log->size();
      ready.push_back(w.section);
    }
  return ready;
}

epoch_room epoch_book::room(std::size_t open, std::size_t most) const noexcept {
  if (open >= most)
    return epoch_room::full;
  const auto bytes = undecided_bytes_ + open;
  if (bytes >= most)
    return epoch_room::unstored;
  return bytes >= most / 2 ? epoch_room::wants_barrier : epoch_room::plenty;
}

void epoch_book::written(std::uint64_t epoch) {
  out_ = std::max(out_, epoch);
  while (!waiting_.empty() && waiting_.front().durable && waiting_.front().section->epoch <= out_) {
    durable_bytes_ -= waiting_.front().section->log->size();
    waiting_.pop_front();
  }
}

} // namespace leat
