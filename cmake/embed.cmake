# `leat_embed(target file symbol)` compiles a text file into `target` as `leat::embedded::<symbol>`, an `embedded_file`
# (pipeline/embedded_file.hpp) that knows the file's name. An application adds defaults of its own that way:
#   leat_embed(fraud-alerts ${PROJECT_SOURCE_DIR}/config/fraud-alerts.yaml fraud_alerts)
# Included, this file defines the function; run by `cmake -P` during the build, it writes the source.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(READ ${INPUT} text)
  string(FIND "${text}" ")leat_text\"" end_mark)
  if(NOT end_mark EQUAL -1)
    message(FATAL_ERROR "${INPUT} holds the characters )leat_text\" and cannot be embedded")
  endif()
  cmake_path(GET INPUT FILENAME name)
  file(WRITE ${OUTPUT} "// Generated from ${name}; change that file.
#include <leat/pipeline/embedded_file.hpp>

namespace leat::embedded {
extern const embedded_file ${SYMBOL}; // or it would be visible in this file only
constinit const embedded_file ${SYMBOL}{\"${name}\", R\"leat_text(${text})leat_text\"};
}
")
  return()
endif()

function(leat_embed target file symbol)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded/${symbol}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${file} -DOUTPUT=${output} -DSYMBOL=${symbol} -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    DEPENDS ${file} ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    COMMENT "Embedding ${file}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
