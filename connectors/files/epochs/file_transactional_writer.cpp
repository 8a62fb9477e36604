#include <leat/connectors/files/epochs/file_transactional_writer.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <unistd.h>
#include <utility>

namespace leat {

/// What the actor and the disk share.
struct file_transactional_writer::core {
  core(epoch_places p, std::uint32_t s, std::uint32_t all, std::function<void(epoch_step)> told)
    : places{std::move(p)}, shard{s}, parallelism{all}, passes{told ? std::move(told) : [](epoch_step) {}} {}

  void restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs);
  void store(const aside_file::ended_epoch& ended) const;
  [[nodiscard]] std::set<std::uint32_t>
  shards_to_take(const std::map<std::uint32_t, std::vector<saved_epoch_log>>& logs) const;

  const epoch_places places;
  const std::uint32_t shard;
  const std::uint32_t parallelism;
  const std::function<void(epoch_step)> passes;
  std::map<std::uint32_t, shard_files> shards; // the disk's: held for as long as somebody may write them

  std::mutex m;
  std::exception_ptr failure; // guarded by m, as is what follows; nothing is done any more once there is one
  bool restored = false;
  std::uint64_t prepared = 0;
  std::uint64_t committed = 0;
};

/// Those with logs in the checkpoint, and those of actors that have left something without having come as far as that.
std::set<std::uint32_t>
file_transactional_writer::core::shards_to_take(const std::map<std::uint32_t, std::vector<saved_epoch_log>>& logs) const {
  std::set<std::uint32_t> all{shard};
  for (const auto& [number, of] : logs)
    all.insert(number);
  for (const auto& place : places)
    for (const auto& name : names_in(place))
      if (name.kind != epoch_name::what::file && name.shard % parallelism == shard)
        all.insert(name.shard);
  return all;
}

void file_transactional_writer::core::restore(std::uint64_t checkpoint, const std::vector<saved_epoch_log>& logs) {
  std::map<std::uint32_t, std::vector<saved_epoch_log>> by_shard;
  for (const auto& log : logs)
    by_shard[log.name.shard].push_back(log);
  for (auto& [number, of] : by_shard)
    std::ranges::sort(of, {}, [](const saved_epoch_log& l) { return l.name.epoch; });
  for (const auto number : shards_to_take(by_shard))
    shards.try_emplace(number, places, number, passes);
  refuse_newer(places, checkpoint);
  for (auto& [number, of] : shards)
    of.restore(checkpoint, by_shard[number]);
}

/// Waits until what the epoch has written is on the disk.
void file_transactional_writer::core::store(const aside_file::ended_epoch& ended) const {
  const auto& place = places[ended.log.kind];
  if (::fdatasync(ended.file->get()) != 0)
    fail_on(place, "store", path_of(place, {epoch_name::what::aside, shard, ended.log.first}), errno);
  if (ended.is_new)
    store_names(place);
  passes(epoch_step::stored);
}

file_transactional_writer::file_transactional_writer(parts with)
  : with_{std::move(with)}, core_{std::make_shared<core>(with_.places, with_.shard, with_.parallelism, with_.passes)},
    refusals_{"sink", with_.places[0].step, with_.notes}, book_{with_.shard},
    records_{with_.places[0], with_.shard, epoch_file_kind::records, with_.rolling},
    letters_{with_.places[1], with_.shard, epoch_file_kind::letters, with_.rolling}, letter_lines_{
                                                                                       with_.places[1].step,
                                                                                       with_.places[1].folder} {}

file_transactional_writer::~file_transactional_writer() = default;

void file_transactional_writer::restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) {
  book_.restore(logs);
  last_epoch_ = checkpoint;
  on_disk([checkpoint, logs = std::move(logs)](core& c) {
    c.restore(checkpoint, logs);
    const std::lock_guard lock{c.m};
    c.restored = true;
    c.prepared = c.committed = checkpoint;
  });
}

bool file_transactional_writer::restored() {
  if (restored_)
    return true;
  const std::lock_guard lock{core_->m};
  if (core_->failure)
    std::rethrow_exception(core_->failure);
  restored_ = core_->restored;
  return restored_;
}

std::size_t file_transactional_writer::write(const batch_base& in, std::size_t from) {
  book_.written(committed());
  if (!restored())
    return 0;
  const auto count = in.size() - from;
  lines_.clear();
  refused_.clear();
  with_.encoding->encode(static_cast<const char*>(in.data()) + from * in.stride(), in.stride(), count, lines_, refused_);
  records_.write(lines_, last_epoch_ + 1);
  with_.bytes_out->add(static_cast<std::int64_t>(lines_.bytes.size() + count - refused_.size()));
  if (!refused_.empty())
    put_aside(refused_);
  return count;
}

void file_transactional_writer::put_aside(const std::vector<rejection>& refused) {
  rejected_ += refused.size();
  for (const auto& r : refused)
    refusals_.add(r.reason, with_.writes_letters, refusal_log::clock::now());
  if (with_.writes_letters)
    letters_.write(letter_lines_.of(letters_of(refused, with_.places[0].step, with_.places[0].folder)), last_epoch_ + 1);
}

epoch_cut file_transactional_writer::end_epoch(std::uint64_t epoch, bool last) {
  book_.written(committed());
  if (!restored())
    return {}; // no record was taken, and what the store holds is still needed
  last_epoch_ = epoch;
  std::vector<logged_file> files;
  std::vector<aside_file::ended_epoch> ended;
  for (auto* of : {&records_, &letters_})
    if (auto e = of->cut(last)) {
      files.push_back(e->log);
      if (e->log.complete)
        complete_.push_back({epoch, e->log});
      ended.push_back(std::move(*e));
    }
  on_disk([epoch, ended = std::move(ended)](core& c) {
    for (const auto& e : ended)
      c.store(e);
    const std::lock_guard lock{c.m};
    c.prepared = epoch;
  });
  return book_.cut(epoch, std::make_shared<const std::string>(to_log(files)), !files.empty());
}

bool file_transactional_writer::prepared(std::uint64_t epoch) {
  const std::lock_guard lock{core_->m};
  if (core_->failure)
    std::rethrow_exception(core_->failure);
  return core_->prepared >= epoch;
}

void file_transactional_writer::commit(std::uint64_t epoch) {
  (void)book_.commit(epoch);
  const auto rest = std::ranges::find_if(complete_, [&](const complete_file& f) { return f.epoch > epoch; });
  std::vector<complete_file> durable{complete_.begin(), rest};
  complete_.erase(complete_.begin(), rest);
  on_disk([epoch, durable = std::move(durable)](core& c) {
    c.shards.at(c.shard).publish(durable);
    const std::lock_guard lock{c.m};
    c.committed = epoch;
  });
}

std::uint64_t file_transactional_writer::committed() {
  const std::lock_guard lock{core_->m};
  if (core_->failure)
    std::rethrow_exception(core_->failure);
  return core_->committed;
}

/// What fails is told by the next question, and nothing is done from then on.
void file_transactional_writer::on_disk(std::function<void(core&)> work) {
  with_.disk([work = std::move(work), to = core_, wake = with_.wake] {
    {
      const std::lock_guard lock{to->m};
      if (to->failure)
        return;
    }
    try {
      work(*to);
    } catch (...) {
      const std::lock_guard lock{to->m};
      to->failure = std::current_exception();
    }
    wake();
  });
}

} // namespace leat
