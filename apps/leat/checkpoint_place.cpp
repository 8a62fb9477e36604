#include <leat/apps/leat/checkpoint_place.hpp>

#include <leat/base/error.hpp>
#include <leat/base/nearest_name.hpp>
#include <leat/persistence/lmdb/lmdb_pages.hpp>
#include <leat/persistence/retained_checkpoints.hpp>
#include <leat/persistence/store_directory.hpp>
#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace leat::cli {

namespace {

namespace fs = std::filesystem;

config_error no_such_path(const std::string& path) {
  const fs::path asked{path};
  const auto folder = asked.has_parent_path() ? asked.parent_path() : fs::path{"."};
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator{folder, none})
    names.push_back(entry.path().filename().string());
  const auto nearest = nearest_name(asked.filename().string(), names);
  return config_error{fmt::format(
    "{}: there is no such file or directory{}", path,
    nearest.empty() ? "" : fmt::format("; did you mean {}?", (asked.parent_path() / nearest).string()))};
}

checkpoint_place last_of(const std::string& directory) {
  return {directory, fmt::format("{}/{}", directory, store_format::file), false};
}

checkpoint_place retained_in(const std::string& directory, std::uint64_t number) {
  return {directory, retained_checkpoints{directory}.path(number), true};
}

std::string retained_numbers(const std::string& directory) {
  std::string all;
  for (const auto number : retained_checkpoints{directory}.list())
    all += (all.empty() ? "" : ", ") + std::to_string(number);
  return all;
}

config_error no_such_checkpoint(const std::string& directory, std::uint64_t number) {
  const auto retained = retained_numbers(directory);
  std::string last;
  if (fs::exists(last_of(directory).file))
    last = fmt::format(" The last one is {}.", last_of(directory).manifest().checkpoint);
  return config_error{fmt::format(
    "{}: has no checkpoint {}.{}{}", directory, number, last,
    retained.empty() ? " None is retained" : " Retained: " + retained)};
}

} // namespace

checkpoint_manifest checkpoint_place::manifest() const {
  if (!copy && has_owner(directory))
    return checkpoint_view::open(directory).manifest();
  return read_manifest(file, copy);
}

checkpoint_view checkpoint_place::open(std::chrono::milliseconds max_age) const {
  auto view = copy ? checkpoint_view::open_copy(file) : checkpoint_view::open(directory, max_age);
  if (view.manifest().checkpoint == 0)
    throw state_error{fmt::format("{}: holds no checkpoint yet: wait for the job's first one", directory)};
  return view;
}

std::uint64_t checkpoint_place::bytes() const {
  std::error_code gone;
  const auto size = fs::file_size(file, gone);
  return gone ? 0 : size;
}

checkpoint_place find_checkpoint(const std::string& path, std::optional<std::uint64_t> number) {
  if (!fs::exists(path))
    throw no_such_path(path);
  if (!fs::is_directory(path)) {
    const fs::path file{path};
    if (file.filename() == store_format::file)
      return find_checkpoint(file.has_parent_path() ? file.parent_path().string() : ".", number);
    if (number)
      throw config_error{fmt::format("{}: --checkpoint chooses one of a state directory, and this is a file", path)};
    return {"", path, true};
  }
  const auto all = all_checkpoints(path);
  if (!number) {
    if (all.back().copy)
      throw config_error{fmt::format(
        "{}: the last checkpoint is gone; --checkpoint chooses one of the retained: {}", path, retained_numbers(path))};
    return all.back();
  }
  if (auto copy = retained_in(path, *number); fs::exists(copy.file))
    return copy;
  if (auto last = last_of(path); fs::exists(last.file) && last.manifest().checkpoint == *number)
    return last;
  throw no_such_checkpoint(path, *number);
}

std::vector<checkpoint_place> all_checkpoints(const std::string& directory) {
  if (!fs::exists(directory))
    throw no_such_path(directory);
  std::vector<checkpoint_place> all;
  if (fs::is_directory(directory))
    for (const auto number : retained_checkpoints{directory}.list())
      all.push_back(retained_in(directory, number));
  if (const auto last = last_of(directory); fs::exists(last.file))
    all.push_back(last);
  if (all.empty())
    throw config_error{fmt::format(
      "{}: is no state directory: it has neither {} nor a folder {}/. Give the directory that the job keeps its "
      "checkpoints in",
      directory, store_format::file, store_format::retained_folder)};
  return all;
}

void expect_directory(const std::string& path) {
  if (!fs::exists(path))
    throw no_such_path(path);
  if (!fs::is_directory(path))
    throw config_error{fmt::format("{}: is no directory: give the one that the job keeps its checkpoints in", path)};
}

std::optional<std::string> owner_of(const std::string& directory) {
  if (!has_owner(directory))
    return std::nullopt;
  std::string owner;
  std::getline(std::ifstream{fmt::format("{}/{}", directory, store_format::owner_file)}, owner);
  return owner.empty() ? "another process" : owner;
}

} // namespace leat::cli
