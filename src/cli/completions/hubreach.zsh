#compdef hubreach
# Completions of hubreach for zsh, which ask the program itself.

_hubreach() {
    local line word about
    local -a lines closed open
    lines=("${(@f)$("${(Q)words[1]/#\~/$HOME}" completions zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    # The value of an option is completed as a word of its own.
    [[ $lines[1] == :* && $PREFIX == --*=* ]] && compset -P 1 '*='
    case $lines[1] in
        :files) _files; return ;;
        :directories) _files -/; return ;;
    esac
    for line in $lines; do
        word=${line%%$'\t'*}
        about=${line#*$'\t'}
        line=${word//:/\\:}${about:+:$about}
        if [[ $word == *= ]]; then open+=($line); else closed+=($line); fi
    done
    (( $#open )) && _describe hubreach open -S ''
    (( $#closed )) && _describe hubreach closed
}

# Found in a directory of fpath, or sourced.
if [[ $funcstack[1] == _hubreach ]]; then
    _hubreach "$@"
else
    compdef _hubreach hubreach
fi
