#pragma once

#include <leat/base/error.hpp>

#include <lmdb.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// A call of LMDB failed. `code` is LMDB's or the system's.
class lmdb_error : public state_error {
public:
  lmdb_error(int code, const std::string& where);
  [[nodiscard]] int code() const noexcept { return code_; }

private:
  int code_;
};

/// One LMDB file with its three databases. LMDB allows one environment object per file in a process, and closing a second one
/// would drop the locks of the first: so `open` gives the one there is, and readers share that of the writer.
///
/// Thread-safe: its mutex guards the number of transactions, as the map may be moved, or the file opened anew, only while there are
/// none. Writing is for the one thread that owns the store.
///
/// When the disk fails at the last write of a transaction, LMDB refuses all others until the file is opened anew (`MDB_PANIC`). The first
/// to begin one while no other is under way does that; whoever wants to read waits a while for the others.
class lmdb_environment {
public:
  enum class mode {
    create, ///< a new file
    write,  ///< one that exists
    read,   ///< one that exists, maybe another process writes to it
    copy    ///< one that nobody writes to, without locks
  };

  /// @param map_bytes room for the file to grow, in address space; ignored when the file is open already.
  /// @throws lmdb_error
  static std::shared_ptr<lmdb_environment> open(const std::string& file, mode m, std::size_t map_bytes);

  lmdb_environment(const lmdb_environment&) = delete;
  lmdb_environment& operator=(const lmdb_environment&) = delete;
  ~lmdb_environment();

  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] MDB_env* handle() const noexcept { return env_; }
  [[nodiscard]] MDB_dbi meta() const noexcept { return meta_; }
  [[nodiscard]] MDB_dbi deltas() const noexcept { return deltas_; }
  [[nodiscard]] MDB_dbi base() const noexcept { return base_; }
  [[nodiscard]] mode opened_for() const noexcept { return mode_; }

  /// Doubles the room. @returns false, and does nothing, while somebody in this process reads.
  [[nodiscard]] bool grow();

  /// How often the file was opened anew: what its owner knew of it may be no longer so.
  [[nodiscard]] std::uint64_t reopened() const;

  /// How long who begins to read waits for others when the file has to be opened anew; a second at first. They let go of it when a
  /// checkpoint comes to nothing.
  void set_patience(std::chrono::milliseconds with_others);

  /// Frees what processes that have died were reading.
  void forget_dead_readers();

  /// A transaction; `begin_read` is for any thread. Each is followed by its end, or, a write, by its commit.
  MDB_txn* begin_read();
  MDB_txn* begin_write();
  void end_read(MDB_txn* txn) noexcept;
  void end_write(MDB_txn* txn) noexcept;
  void commit_write(MDB_txn* txn);

private:
  lmdb_environment(std::string file, mode m, std::size_t map_bytes);
  [[nodiscard]] int try_begin(unsigned flags, MDB_txn*& txn);
  void open_file();
  void open_databases();

  const std::string file_;
  const mode mode_;
  mutable std::mutex m_; // guards what follows; the databases are also read by who has a transaction
  std::size_t map_bytes_;
  int readers_ = 0;
  bool written_ = false; // a write is under way
  std::uint64_t reopened_ = 0;
  std::chrono::milliseconds patience_{1'000};
  std::condition_variable changed_; // a transaction has ended, or the file was opened anew
  MDB_env* env_ = nullptr;          // null: the file has to be opened anew
  MDB_dbi meta_ = 0;
  MDB_dbi deltas_ = 0;
  MDB_dbi base_ = 0;
};

/// A transaction, which is given up unless it is committed. For one thread at a time.
class lmdb_transaction {
public:
  enum class kind { read, write };

  lmdb_transaction(std::shared_ptr<lmdb_environment> env, kind k);
  lmdb_transaction(const lmdb_transaction&) = delete;
  lmdb_transaction& operator=(const lmdb_transaction&) = delete;
  ~lmdb_transaction();

  [[nodiscard]] const lmdb_environment& environment() const noexcept { return *env_; }
  [[nodiscard]] MDB_txn* handle() const noexcept { return txn_; }

  /// LMDB's number: of a writer its own, of a reader that of the last writer before it.
  [[nodiscard]] std::uint64_t number() const noexcept { return mdb_txn_id(txn_); }

  [[nodiscard]] std::optional<std::string_view> get(MDB_dbi db, std::string_view key) const;
  void put(MDB_dbi db, std::string_view key, std::string_view value);

  /// Room for a value under a key that is greater than all others; to be filled before the next call.
  [[nodiscard]] char* append(MDB_dbi db, std::string_view key, std::size_t bytes);

  void remove(MDB_dbi db, std::string_view key);
  [[nodiscard]] std::uint64_t entries(MDB_dbi db) const;

  /// Durable at return. @throws lmdb_error; nothing was written then.
  void commit();

private:
  const std::shared_ptr<lmdb_environment> env_;
  const kind kind_;
  MDB_txn* txn_;
};

/// Walks a database of a transaction in the order of its keys. Views are good until the transaction writes or ends.
class lmdb_cursor {
public:
  lmdb_cursor(const lmdb_transaction& txn, MDB_dbi db);
  lmdb_cursor(lmdb_cursor&& other) noexcept;
  lmdb_cursor& operator=(lmdb_cursor&&) = delete;
  ~lmdb_cursor();

  // Each returns whether there is an entry where it has moved to.
  bool seek(std::string_view key); ///< the first at or after `key`
  bool first() { return move(MDB_FIRST); }
  bool next() { return move(MDB_NEXT); }

  [[nodiscard]] std::string_view key() const noexcept { return {static_cast<const char*>(key_.mv_data), key_.mv_size}; }
  [[nodiscard]] std::string_view value() const noexcept {
    return {static_cast<const char*>(value_.mv_data), value_.mv_size};
  }

  void put(std::string_view key, std::string_view value);
  void remove(); ///< the entry it is at; `next` goes to the one after it

private:
  bool move(MDB_cursor_op op);

  const std::string* file_;
  MDB_cursor* cursor_ = nullptr;
  MDB_val key_{};
  MDB_val value_{};
};

} // namespace leat
