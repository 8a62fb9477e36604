#include <leat/persistence/checkpoint_store.hpp>

#include <leat/base/error.hpp>
#include <leat/persistence/entry_lookup.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/lmdb/lmdb_pages.hpp>
#include <leat/persistence/retained_checkpoints.hpp>
#include <leat/persistence/store_format.hpp>
#include <leat/persistence/store_records.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <limits>
#include <utility>

namespace leat {
namespace {

std::string lock_file_of(const std::string& file) { return file + "-lock"; }

// A store whose file is gone must not begin anew as if it had never been.
void refuse_if_file_is_lost(const store_directory& directory) {
  const auto file = directory.path(store_format::file);
  const bool was_there =
    std::filesystem::exists(lock_file_of(file)) || !retained_checkpoints{directory.path()}.list().empty();
  if (was_there)
    throw state_error{fmt::format(
      "{}: the file with the checkpoints is gone, though there has been one. Put it back, or start from a retained "
      "checkpoint "
      "or savepoint with an empty state directory",
      file)};
}

bool out_of_space(int code) { return code == ENOSPC || code == EDQUOT || code == EFBIG; }

} // namespace

checkpoint_store::checkpoint_store(const std::string& directory, checkpoint_store_options options)
  : options_{options}, directory_{directory} {
  retained_checkpoints{directory_.path()}.remove_unfinished();
  const auto file = directory_.path(store_format::file);
  if (!std::filesystem::exists(file)) {
    refuse_if_file_is_lost(directory_);
    create_file();
  }
  check_lmdb_pages(file, false);
  env_ = lmdb_environment::open(file, lmdb_environment::mode::write, options_.map_bytes);
  env_->set_patience(options_.patience);
  load();
}

checkpoint_store::~checkpoint_store() {
  try {
    recover();
  } catch (const std::exception&) {
    // The next start finds what is wrong, and says it.
  }
}

// Under another name until it holds a manifest, so that a file with the right name is always a whole one.
void checkpoint_store::create_file() const {
  const auto file = directory_.path(store_format::new_file);
  std::filesystem::remove(file);
  std::filesystem::remove(lock_file_of(file));
  {
    const auto env = lmdb_environment::open(file, lmdb_environment::mode::create, options_.map_bytes);
    lmdb_transaction txn{env, lmdb_transaction::kind::write};
    checkpoint_manifest none;
    none.transaction = txn.number();
    txn.put(env->meta(), store_format::manifest_key, encoded(none));
    txn.commit();
  }
  sync_to_disk(file);
  std::filesystem::remove(lock_file_of(file));
  std::filesystem::rename(file, directory_.path(store_format::file));
  sync_to_disk(directory_.path());
}

void checkpoint_store::load() {
  const lmdb_transaction txn{env_, lmdb_transaction::kind::read};
  const auto bytes = txn.get(env_->meta(), store_format::manifest_key);
  if (!bytes)
    throw damaged_file(env_->file(), "it has lost its manifest");
  manifest_ = decoded_manifest(*bytes, env_->file());
  index_ = delta_index{txn};
}

void checkpoint_store::begin(std::uint64_t number) {
  if (gathering_ != 0 || number <= manifest_.checkpoint)
    throw protocol_error{fmt::format(
      "checkpoint {} cannot begin: the last one is {}, and {} is being gathered", number, manifest_.checkpoint,
      gathering_)};
  gathering_ = number;
}

void checkpoint_store::add(std::shared_ptr<const actor_state> changes) {
  if (gathering_ == 0)
    throw protocol_error{"a delta was handed to the store while no checkpoint is being gathered"};
  pending_.push_back(std::move(changes));
}

void checkpoint_store::drop(std::string step) {
  if (gathering_ == 0)
    throw protocol_error{"a step was dropped while no checkpoint is being gathered"};
  dropped_.push_back(std::move(step));
}

void checkpoint_store::abort() noexcept {
  gathering_ = 0;
  pending_.clear();
  dropped_.clear();
}

write_result checkpoint_store::commit(const checkpoint_manifest& description) {
  if (gathering_ == 0)
    throw protocol_error{"a checkpoint was committed while none is being gathered"};
  struct aborts {
    checkpoint_store* store;
    ~aborts() { store->abort(); }
  } const at_end{this};
  return write([&](lmdb_transaction& txn, checkpoint_manifest& next, delta_index& index) {
    next.describe(description);
    next.checkpoint = gathering_;
    for (const auto& uid : dropped_)
      if (next.step(uid) != nullptr) {
        remove_all(txn, next.step_of(uid), index_);
        index.remove_step(next.step_of(uid).id);
        next.forget(uid);
      }
    append(txn, next, index);
    remove_superseded(txn, next, index, options_.fold);
  });
}

void checkpoint_store::append(lmdb_transaction& txn, checkpoint_manifest& next, delta_index& index) const {
  struct place {
    delta_index::group_id group;
    const delta* what;
  };
  std::vector<place> places;
  for (const auto& changes : pending_)
    for (const auto& d : *changes) {
      auto& step = next.step_of(d.step);
      for (const auto& state : d.states)
        step.id_of_state(state);
      places.push_back({{step.id, d.group}, &d});
    }
  std::stable_sort(places.begin(), places.end(), [](const place& a, const place& b) { return a.group < b.group; });

  delta_key key{gathering_};
  for (const auto& [group, d] : places) {
    const bool same = key.step == group.first && key.group == group.second;
    if (same && key.part == std::numeric_limits<std::uint16_t>::max())
      throw state_error{fmt::format("step `{}` handed over more than 65,536 deltas of one group", d->step)};
    key = {gathering_, group.first, group.second, static_cast<std::uint16_t>(same ? key.part + 1 : 0)};
    const auto tail = d->tail ? std::string_view{*d->tail} : std::string_view{};
    const auto checksum = checksum_of(key, d->replaces, d->bytes, tail);
    const auto head = head_of(checksum, d->replaces);
    const auto bytes = head.size() + d->size();
    auto* to = txn.append(env_->deltas(), encoded(key), bytes);
    to += head.copy(to, head.size());
    to += d->bytes.copy(to, d->bytes.size());
    tail.copy(to, tail.size());
    index.add(key, bytes);
    auto& contents = next.step_of(d->step).contents;
    contents.deltas += 1;
    contents.delta_bytes += bytes;
    contents.delta_digest += checksum;
  }
}

fold_report checkpoint_store::fold_some(std::uint64_t budget) {
  fold_report report;
  const auto choices = choose_folds(index_, manifest_, options_.fold, budget);
  if (choices.empty())
    return report;
  report.written = write([&](lmdb_transaction& txn, checkpoint_manifest& next, delta_index& index) {
    for (const auto& choice : choices) {
      fold(txn, next.step_of(next.step(choice.group.first)->uid), choice);
      index.remove_oldest(choice.group, choice.deltas.size());
    }
  });
  if (report.written)
    for (const auto& choice : choices)
      for (const auto& ref : choice.deltas) {
        report.deltas += 1;
        report.bytes += ref.bytes;
      }
  return report;
}

// Runs `body` in a write transaction with copies of manifest and index, which take the place of the durable ones when it is
// committed; again with a larger map when it was full.
write_result
checkpoint_store::write(const std::function<void(lmdb_transaction&, checkpoint_manifest&, delta_index&)>& body) {
  for (;;)
    try {
      // A killed process with a view would keep pages from being used again, and the file growing.
      env_->forget_dead_readers();
      follow_reopened();
      auto next = manifest_;
      auto index = index_;
      lmdb_transaction txn{env_, lmdb_transaction::kind::write};
      if (env_->reopened() != reopened_)
        continue;
      body(txn, next, index);
      next.transaction = txn.number();
      txn.put(env_->meta(), store_format::manifest_key, encoded(next));
      txn.commit();
      manifest_ = std::move(next);
      index_ = std::move(index);
      return {};
    } catch (const lmdb_error& e) {
      if (e.code() == MDB_MAP_FULL && env_->grow())
        continue;
      return failed(e.code(), e.what());
    }
}

write_result checkpoint_store::failed(int code, const std::string& text) {
  if (code == MDB_MAP_FULL)
    return {
      write_result::outcome::map_full, text + ". The file has outgrown its map, which cannot be made larger while somebody "
                                              "in this process reads it: close views"};
  if (code < 0 && code != MDB_PANIC)
    throw lmdb_error{code, env_->file()};
  const bool no_room = out_of_space(code) || (code == EIO && cannot_grow(env_->file()));
  recover();
  if (no_room)
    return {write_result::outcome::disk_full, text + ". The last checkpoint is unharmed; free some space on the disk"};
  return {write_result::outcome::io_error, text + ". The last checkpoint is unharmed; see what is wrong with the disk"};
}

// The disk has failed at the last write of a transaction, and the file was opened anew, by this or by a reader. What the failure has left
// in the older meta page is overwritten by the next transaction, so one is made.
void checkpoint_store::follow_reopened() {
  const auto now = env_->reopened();
  if (now == reopened_)
    return;
  load();
  reopened_ = now;
  lmdb_transaction txn{env_, lmdb_transaction::kind::write};
  manifest_.transaction = txn.number();
  txn.put(env_->meta(), store_format::manifest_key, encoded(manifest_));
  txn.commit();
}

void checkpoint_store::recover() {
  try {
    {
      const lmdb_transaction opens_anew{env_, lmdb_transaction::kind::write}; // where that is needed
    }
    follow_reopened();
  } catch (const lmdb_error&) {
    // Somebody reads, or the disk still refuses: the next write tries again.
  }
}

checkpoint_view checkpoint_store::view(std::chrono::milliseconds max_age) const { return {env_, max_age}; }

std::unique_ptr<stored_entries> checkpoint_store::lookup(const std::string& step, std::uint32_t max_parallelism) const {
  return std::make_unique<entry_lookup>(env_, step, max_parallelism);
}

void checkpoint_store::restore(const std::function<void(const stored_entry&)>& visit) const {
  view(std::chrono::milliseconds::max()).restore(visit);
}

std::uint64_t checkpoint_store::retain(retained_checkpoints::copy kind) const {
  return retained_checkpoints{directory_.path()}.add(env_, kind);
}

} // namespace leat
