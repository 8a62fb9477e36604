#include <leat/connectors/formats/protobuf/message_type.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/protobuf/message_definition.hpp>

#include <fmt/format.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/stubs/logging.h>

#include <charconv>
#include <map>
#include <mutex>
#include <utility>

namespace leat {
namespace {

namespace pb = google::protobuf;

/// Adds a file that comes with Protobuf, from where this program has it.
void add_file_of_library(pb::DescriptorPool& to, const std::string& path) {
  const auto* const known = pb::DescriptorPool::generated_pool()->FindFileByName(path);
  if (!known || to.FindFileByName(path))
    return;
  for (int i = 0; i < known->dependency_count(); ++i)
    add_file_of_library(to, known->dependency(i)->name());
  pb::FileDescriptorProto copy;
  known->CopyTo(&copy);
  (void)to.BuildFile(copy);
}

/// The message in these files; null: they do not define it.
const pb::Descriptor* build(pb::DescriptorPool& pool, std::string_view file_set, std::string_view name) {
  const pb::LogSilencer quiet; // what is wrong there goes to the standard error stream
  pb::FileDescriptorSet files;
  if (!files.ParseFromArray(file_set.data(), static_cast<int>(file_set.size())))
    return nullptr;
  for (const auto& file : files.file()) {
    for (const auto& other : file.dependency())
      if (is_file_of_library(other))
        add_file_of_library(pool, other);
    if (!is_file_of_library(file.name()))
      (void)pool.BuildFile(file);
  }
  return pool.FindMessageTypeByName(std::string{name});
}

} // namespace

message_type::message_type(std::string definition, std::string_view name) : definition_{std::move(definition)} {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < definition_.size(); i += 2) {
    unsigned byte = 0;
    (void)std::from_chars(definition_.data() + i, definition_.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  message_ = build(pool_, bytes, name);
  if (!message_)
    throw state_error{
      fmt::format("what lies beside saved messages does not define `{}`: the saved state is damaged", name)};
}

const message_type& message_type::of(std::string_view definition, std::string_view name) {
  static std::mutex m;
  static std::map<std::pair<std::string, std::string>, const message_type, std::less<>> known;
  const std::scoped_lock lock{m};
  const std::pair key{std::string{definition}, std::string{name}};
  auto found = known.find(key);
  if (found == known.end())
    found =
      known.emplace(std::piecewise_construct, std::forward_as_tuple(key), std::forward_as_tuple(key.first, name)).first;
  return found->second;
}

const message_type& message_type::of_file_set(std::string_view bytes, std::string_view name) {
  pb::DescriptorPool pool;
  const auto* const message = build(pool, bytes, name);
  if (!message)
    throw config_error{fmt::format(
      "the descriptors do not define the message `{}` with all that it consists of: make them by protoc --include_imports "
      "--descriptor_set_out=FILE",
      name)};
  return of(definition_of(*message), name);
}

std::unique_ptr<pb::Message> message_type::make() const {
  return std::unique_ptr<pb::Message>{factory_.GetPrototype(message_)->New()};
}

} // namespace leat
