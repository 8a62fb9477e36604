#include <leat/persistence/retained_checkpoints.hpp>

#include <leat/base/error.hpp>
#include <leat/persistence/checkpoint_view.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/store_directory.hpp>
#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

namespace leat {
namespace {

/// What the name of a file has after its number.
constexpr std::string_view ending_of(retained_checkpoints::copy kind) {
  return kind == retained_checkpoints::copy::savepoint ? "-savepoint.mdb" : ".mdb";
}

constexpr const char* unfinished = ".new"; // ends the name of a copy until it is whole

// Removes a file at the end, unless it has another name by then.
class unfinished_file {
public:
  explicit unfinished_file(std::string path) : path_{std::move(path)} {}
  unfinished_file(const unfinished_file&) = delete;
  unfinished_file& operator=(const unfinished_file&) = delete;
  ~unfinished_file() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

void copy_to(const lmdb_environment& env, const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0)
    throw state_error{fmt::format("{}: cannot be made: {}", path, std::strerror(errno))};
  const auto code = mdb_env_copyfd2(env.handle(), fd, MDB_CP_COMPACT);
  const auto synced = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  if (code != MDB_SUCCESS || synced != 0)
    throw lmdb_error{code != MDB_SUCCESS ? code : synced, path};
}

std::optional<std::uint64_t> number_of(const std::string& name, retained_checkpoints::copy kind) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || std::string_view{end, name.data() + name.size()} != ending_of(kind))
    return std::nullopt;
  return number;
}

std::uint64_t verified(const std::string& path) {
  const auto copy = checkpoint_view::open_copy(path);
  copy.restore([](const stored_entry&) {});
  return copy.manifest().checkpoint;
}

} // namespace

retained_checkpoints::retained_checkpoints(const std::string& directory)
  : folder_{fmt::format("{}/{}", directory, store_format::retained_folder)} {}

std::uint64_t retained_checkpoints::add(const std::shared_ptr<lmdb_environment>& env, copy kind) const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error)
    throw state_error{fmt::format("{}: cannot be made: {}", folder_, error.message())};
  const unfinished_file made{fmt::format("{}/{}-{}{}", folder_, ::getpid(), ::gettid(), unfinished)};
  {
    const lmdb_transaction reads{env, lmdb_transaction::kind::read}; // the environment stays as it is while somebody reads
    copy_to(*env, made.path());
  }
  const auto number = verified(made.path());
  if (::rename(made.path().c_str(), path(number, kind).c_str()) != 0)
    throw state_error{fmt::format("{}: cannot be renamed: {}", made.path(), std::strerror(errno))};
  sync_to_disk(folder_);
  return number;
}

void retained_checkpoints::remove_unfinished() const {
  std::error_code none;
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator{folder_, none})
    if (entry.path().extension() == unfinished)
      left.push_back(entry.path());
  for (const auto& path : left)
    std::filesystem::remove(path, none);
}

std::vector<std::uint64_t> retained_checkpoints::list() const {
  auto numbers = list(copy::automatic);
  const auto savepoints = list(copy::savepoint);
  numbers.insert(numbers.end(), savepoints.begin(), savepoints.end());
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

std::vector<std::uint64_t> retained_checkpoints::list(copy kind) const {
  std::vector<std::uint64_t> numbers;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{folder_, none})
    if (const auto number = number_of(entry.path().filename().string(), kind))
      numbers.push_back(*number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string retained_checkpoints::path(std::uint64_t number) const {
  const auto savepoint = path(number, copy::savepoint);
  std::error_code none;
  return std::filesystem::exists(savepoint, none) ? savepoint : path(number, copy::automatic);
}

std::string retained_checkpoints::path(std::uint64_t number, copy kind) const {
  return fmt::format("{}/{}{}", folder_, number, ending_of(kind));
}

void retained_checkpoints::verify(std::uint64_t number) const {
  if (const auto found = verified(path(number)); found != number)
    throw state_error{fmt::format("{}: holds checkpoint {}", path(number), found)};
}

void retained_checkpoints::remove(std::uint64_t number) const {
  if (::unlink(path(number).c_str()) != 0)
    throw state_error{fmt::format("{}: cannot be removed: {}", path(number), std::strerror(errno))};
  sync_to_disk(folder_);
}

std::optional<duration> retained_checkpoints::age_of_newest() const {
  const auto numbers = list(copy::automatic);
  if (numbers.empty())
    return std::nullopt;
  std::error_code error;
  const auto made = std::filesystem::last_write_time(path(numbers.back(), copy::automatic), error);
  if (error)
    return std::nullopt;
  const auto age = std::chrono::duration_cast<duration>(std::filesystem::file_time_type::clock::now() - made);
  return std::max(age, duration{0});
}

void retained_checkpoints::keep_newest(std::size_t count) const {
  const auto numbers = list(copy::automatic);
  for (std::size_t i = 0; i + count < numbers.size(); ++i)
    std::filesystem::remove(path(numbers[i], copy::automatic));
  if (numbers.size() > count)
    sync_to_disk(folder_);
}

} // namespace leat
