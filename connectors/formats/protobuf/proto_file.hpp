#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <string>
#include <string_view>

namespace leat {

/// A `.proto` file as data: from its text; or from its descriptor in base64, which is what Confluent's client for Python gives to
/// registries, and some of them hand out again as it is.
/// @param path what others import it as.
/// @throws config_error saying what is wrong, and in which line.
[[nodiscard]] google::protobuf::FileDescriptorProto proto_file(const std::string& path, std::string_view text);

} // namespace leat
