# symver_pin_target(TARGET... [GLIBC R] [POLICY P] [NO_VERIFY]): link these programs and shared libraries with a link kit
# and verify them after each link. docs/cmake.md describes it; `symver-pin cmake-dir` prints this folder.
#
# CMake 3.21 and later hand a link to a launcher (<LANG>_LINKER_LAUNCHER), here link.sh, which runs the kit's wrapper in
# place of the compiler. So a pinned target of any generator gets all that KIT/bin/cc does, and others are not touched.

if(CMAKE_VERSION VERSION_LESS 3.21)
  set(SymverPin_FOUND FALSE)
  set(SymverPin_NOT_FOUND_MESSAGE "SymverPin needs CMake 3.21 or later; this is ${CMAKE_VERSION}")
  return()
endif()

find_program(SYMVER_PIN_COMMAND symver-pin DOC "The command symver-pin")
if(NOT SYMVER_PIN_COMMAND)
  set(SymverPin_FOUND FALSE)
  set(SymverPin_NOT_FOUND_MESSAGE "symver-pin is not on PATH; install it, or set SYMVER_PIN_COMMAND to its path")
  return()
endif()

set(_SYMVER_PIN_LAUNCHER "${CMAKE_CURRENT_LIST_DIR}/link.sh")

# The folder of the kit for a release in the variable RESULT. Each kit is looked for once a run of CMake.
function(_symver_pin_kit release result)
  get_property(kit GLOBAL PROPERTY "_SYMVER_PIN_KIT_${release}")
  if(NOT kit)
    set(words kit --glibc "${release}")
    if(CMAKE_C_COMPILER)
      list(APPEND words --cc "${CMAKE_C_COMPILER}")
    endif()
    if(CMAKE_CROSSCOMPILING)
      list(APPEND words --arch "${CMAKE_SYSTEM_PROCESSOR}")
    endif()
    execute_process(
      COMMAND "${SYMVER_PIN_COMMAND}" ${words}
      OUTPUT_VARIABLE kit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_VARIABLE said RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "symver-pin made no kit for ${release}:\n${said}")
    endif()
    set_property(GLOBAL PROPERTY "_SYMVER_PIN_KIT_${release}" "${kit}")
  endif()
  set(${result} "${kit}" PARENT_SCOPE)
endfunction()

function(symver_pin_target)
  cmake_parse_arguments(PARSE_ARGV 0 arg "NO_VERIFY" "GLIBC;POLICY" "")
  if(NOT arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "symver_pin_target: no target is named")
  endif()
  set(release "${arg_GLIBC}")
  if(NOT release)
    set(release "$ENV{SYMVER_PIN_GLIBC}")
  endif()
  if(NOT release)
    set(release 2.19)
  endif()
  _symver_pin_kit("${release}" kit)
  foreach(target IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT TARGET "${target}")
      message(FATAL_ERROR "symver_pin_target: ${target} is not a target")
    endif()
    get_target_property(type "${target}" TYPE)
    if(NOT type MATCHES "^(EXECUTABLE|SHARED_LIBRARY|MODULE_LIBRARY)$")
      message(FATAL_ERROR "symver_pin_target: ${target} is a ${type}, which is not linked; "
        "pin the programs and shared libraries that use it")
    endif()
    set_target_properties("${target}" PROPERTIES
      C_LINKER_LAUNCHER "sh;${_SYMVER_PIN_LAUNCHER};${kit}/bin/cc"
      CXX_LINKER_LAUNCHER "sh;${_SYMVER_PIN_LAUNCHER};${kit}/bin/c++")
    if(NOT arg_NO_VERIFY)
      set(policy "")
      if(arg_POLICY)
        set(policy --policy "${arg_POLICY}")
      endif()
      add_custom_command(TARGET "${target}" POST_BUILD
        COMMAND "${SYMVER_PIN_COMMAND}" verify --glibc "${release}" ${policy} "$<TARGET_FILE:${target}>"
        COMMENT "Verifying ${target} for glibc ${release}" VERBATIM)
    endif()
  endforeach()
endfunction()
