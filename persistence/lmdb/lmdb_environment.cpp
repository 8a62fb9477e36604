#include <leat/persistence/lmdb/lmdb_environment.hpp>

#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <utility>

#include <sys/stat.h>

namespace leat {
namespace {

constexpr unsigned max_readers = 8192; // every subtask of a step may be one
constexpr mdb_mode_t file_mode = 0640;

void check(int code, const std::string& file) {
  if (code != MDB_SUCCESS)
    throw lmdb_error{code, file};
}

MDB_val val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

unsigned flags_of(lmdb_environment::mode m) {
  switch (m) {
  case lmdb_environment::mode::read:
    return MDB_NOSUBDIR | MDB_NOTLS | MDB_RDONLY;
  case lmdb_environment::mode::copy:
    return MDB_NOSUBDIR | MDB_NOTLS | MDB_RDONLY | MDB_NOLOCK;
  default:
    return MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD;
  }
}

using file_identity = std::pair<dev_t, ino_t>;

// The environments of this process. One that is being closed is in the list until it is.
struct open_environments {
  std::mutex m;
  std::condition_variable closed;
  std::map<file_identity, std::weak_ptr<lmdb_environment>> by_file;
};

open_environments& environments() {
  static open_environments all;
  return all;
}

std::optional<file_identity> identity_of(const std::string& file) {
  struct stat s {};
  if (::stat(file.c_str(), &s) != 0)
    return std::nullopt;
  return file_identity{s.st_dev, s.st_ino};
}

} // namespace

lmdb_error::lmdb_error(int code, const std::string& where)
  : state_error{fmt::format("{}: {}", where, mdb_strerror(code))}, code_{code} {}

std::shared_ptr<lmdb_environment> lmdb_environment::open(const std::string& file, mode m, std::size_t map_bytes) {
  auto& all = environments();
  std::shared_ptr<lmdb_environment> known; // before the lock: whoever lets go of it last needs the list
  std::unique_lock lock{all.m};
  if (const auto id = identity_of(file))
    for (auto found = all.by_file.find(*id); found != all.by_file.end() && !known; found = all.by_file.find(*id))
      if (known = found->second.lock(); !known)
        all.closed.wait(lock);
  if (known && (m == mode::read || m == mode::copy))
    return known;
  if (known)
    throw state_error{fmt::format("{}: this process has the file open already; close what reads it first", file)};

  std::unique_ptr<lmdb_environment> made{new lmdb_environment{file, m, map_bytes}};
  const auto id = identity_of(file).value();
  const auto close = [&all, id](lmdb_environment* env) {
    const std::lock_guard closing{all.m};
    delete env;
    all.by_file.erase(id);
    all.closed.notify_all();
  };
  known = {made.release(), close};
  all.by_file[id] = known;
  return known;
}

lmdb_environment::lmdb_environment(std::string file, mode m, std::size_t map_bytes)
  : file_{std::move(file)}, mode_{m}, map_bytes_{map_bytes} {
  open_file();
}

lmdb_environment::~lmdb_environment() { mdb_env_close(env_); }

void lmdb_environment::open_file() {
  try {
    check(mdb_env_create(&env_), file_);
    check(mdb_env_set_maxdbs(env_, 3), file_);
    check(mdb_env_set_maxreaders(env_, max_readers), file_);
    check(mdb_env_set_mapsize(env_, map_bytes_), file_);
    check(mdb_env_open(env_, file_.c_str(), flags_of(mode_), file_mode), file_);
    open_databases();
  } catch (...) {
    mdb_env_close(std::exchange(env_, nullptr));
    throw;
  }
}

void lmdb_environment::open_databases() {
  const bool reads = mode_ == mode::read || mode_ == mode::copy;
  const unsigned create = mode_ == mode::create ? MDB_CREATE : 0;
  MDB_txn* txn = nullptr;
  auto code = mdb_txn_begin(env_, nullptr, reads ? MDB_RDONLY : 0, &txn);
  if (code == MDB_MAP_RESIZED) {
    check(mdb_env_set_mapsize(env_, 0), file_);
    code = mdb_txn_begin(env_, nullptr, reads ? MDB_RDONLY : 0, &txn);
  }
  check(code, file_);
  for (const auto& [name, db] :
       {std::pair{store_format::meta, &meta_}, std::pair{store_format::deltas, &deltas_},
        std::pair{store_format::base, &base_}})
    if (const auto failed = mdb_dbi_open(txn, name, create, db); failed != MDB_SUCCESS) {
      mdb_txn_abort(txn);
      throw state_error{fmt::format("{}: the database `{}` is missing: {}", file_, name, mdb_strerror(failed))};
    }
  // What a new file gets first is written by its owner; here only the names of the databases are.
  check(mdb_txn_commit(txn), file_);
}

bool lmdb_environment::grow() {
  const std::lock_guard lock{m_};
  if (readers_ > 0 || written_)
    return false;
  check(mdb_env_set_mapsize(env_, 2 * map_bytes_), file_);
  map_bytes_ *= 2;
  return true;
}

std::uint64_t lmdb_environment::reopened() const {
  const std::lock_guard lock{m_};
  return reopened_;
}

void lmdb_environment::forget_dead_readers() {
  const std::lock_guard lock{m_};
  int cleared = 0;
  if (env_ != nullptr)
    check(mdb_reader_check(env_, &cleared), file_);
}

/// Under the lock. @returns LMDB's code; `MDB_PANIC` while others have transactions and the file has to be opened anew.
int lmdb_environment::try_begin(unsigned flags, MDB_txn*& txn) {
  const bool alone = readers_ == 0 && !written_;
  auto code = env_ != nullptr ? mdb_txn_begin(env_, nullptr, flags, &txn) : MDB_PANIC;
  if (code == MDB_MAP_RESIZED && alone) {
    check(mdb_env_set_mapsize(env_, 0), file_);
    code = mdb_txn_begin(env_, nullptr, flags, &txn);
  }
  if (code == MDB_PANIC && alone) {
    mdb_env_close(std::exchange(env_, nullptr));
    open_file();
    ++reopened_;
    changed_.notify_all();
    code = mdb_txn_begin(env_, nullptr, flags, &txn);
  }
  return code;
}

void lmdb_environment::set_patience(std::chrono::milliseconds with_others) {
  const std::lock_guard lock{m_};
  patience_ = with_others;
}

MDB_txn* lmdb_environment::begin_read() {
  std::unique_lock lock{m_};
  const auto until = std::chrono::steady_clock::now() + patience_;
  MDB_txn* txn = nullptr;
  auto code = try_begin(MDB_RDONLY, txn);
  while (code == MDB_PANIC && changed_.wait_until(lock, until) == std::cv_status::no_timeout)
    code = try_begin(MDB_RDONLY, txn);
  check(code, file_);
  ++readers_;
  return txn;
}

MDB_txn* lmdb_environment::begin_write() {
  const std::lock_guard lock{m_};
  MDB_txn* txn = nullptr;
  check(try_begin(0, txn), file_);
  written_ = true;
  return txn;
}

void lmdb_environment::end_read(MDB_txn* txn) noexcept {
  const std::lock_guard lock{m_};
  mdb_txn_abort(txn);
  --readers_;
  changed_.notify_all();
}

void lmdb_environment::end_write(MDB_txn* txn) noexcept {
  mdb_txn_abort(txn);
  const std::lock_guard lock{m_};
  written_ = false;
  changed_.notify_all();
}

void lmdb_environment::commit_write(MDB_txn* txn) {
  const auto code = mdb_txn_commit(txn);
  const std::lock_guard lock{m_};
  written_ = false;
  changed_.notify_all();
  check(code, file_);
}

lmdb_transaction::lmdb_transaction(std::shared_ptr<lmdb_environment> env, kind k)
  : env_{std::move(env)}, kind_{k}, txn_{k == kind::read ? env_->begin_read() : env_->begin_write()} {}

lmdb_transaction::~lmdb_transaction() {
  if (kind_ == kind::read)
    env_->end_read(txn_);
  else if (txn_ != nullptr)
    env_->end_write(txn_);
}

std::optional<std::string_view> lmdb_transaction::get(MDB_dbi db, std::string_view key) const {
  auto k = val(key);
  MDB_val v{};
  const auto code = mdb_get(txn_, db, &k, &v);
  if (code == MDB_NOTFOUND)
    return std::nullopt;
  check(code, env_->file());
  return std::string_view{static_cast<const char*>(v.mv_data), v.mv_size};
}

void lmdb_transaction::put(MDB_dbi db, std::string_view key, std::string_view value) {
  auto k = val(key);
  auto v = val(value);
  check(mdb_put(txn_, db, &k, &v, 0), env_->file());
}

char* lmdb_transaction::append(MDB_dbi db, std::string_view key, std::size_t bytes) {
  auto k = val(key);
  MDB_val v{bytes, nullptr};
  check(mdb_put(txn_, db, &k, &v, MDB_APPEND | MDB_RESERVE), env_->file());
  return static_cast<char*>(v.mv_data);
}

void lmdb_transaction::remove(MDB_dbi db, std::string_view key) {
  auto k = val(key);
  check(mdb_del(txn_, db, &k, nullptr), env_->file());
}

std::uint64_t lmdb_transaction::entries(MDB_dbi db) const {
  MDB_stat s{};
  check(mdb_stat(txn_, db, &s), env_->file());
  return s.ms_entries;
}

void lmdb_transaction::commit() { env_->commit_write(std::exchange(txn_, nullptr)); }

lmdb_cursor::lmdb_cursor(const lmdb_transaction& txn, MDB_dbi db) : file_{&txn.environment().file()} {
  check(mdb_cursor_open(txn.handle(), db, &cursor_), *file_);
}

lmdb_cursor::lmdb_cursor(lmdb_cursor&& other) noexcept
  : file_{other.file_}, cursor_{std::exchange(other.cursor_, nullptr)}, key_{other.key_}, value_{other.value_} {}

lmdb_cursor::~lmdb_cursor() {
  if (cursor_ != nullptr)
    mdb_cursor_close(cursor_);
}

bool lmdb_cursor::seek(std::string_view key) {
  key_ = val(key);
  return move(MDB_SET_RANGE);
}

bool lmdb_cursor::move(MDB_cursor_op op) {
  const auto code = mdb_cursor_get(cursor_, &key_, &value_, op);
  if (code == MDB_NOTFOUND)
    return false;
  check(code, *file_);
  return true;
}

void lmdb_cursor::put(std::string_view key, std::string_view value) {
  auto k = val(key);
  auto v = val(value);
  check(mdb_cursor_put(cursor_, &k, &v, 0), *file_);
}

void lmdb_cursor::remove() { check(mdb_cursor_del(cursor_, 0), *file_); }

} // namespace leat
