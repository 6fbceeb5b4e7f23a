# Completions of hubreach for bash, which ask the program itself.

_hubreach() {
    local i word before listed= current=${COMP_WORDS[COMP_CWORD]} words=()
    # Bash takes = and : for the ends of words.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i -gt 1 && ($word == [=:]* || ${COMP_WORDS[i - 1]} == [=:]*) ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
    done
    # What stands before that end is not replaced.
    [[ $current == [=:]* ]] && current=
    before=${words[${#words[@]}-1]%"$current"}
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        case $word in
            :files) compopt -o default 2>/dev/null || listed=f ;;
            :directories) compopt -o dirnames 2>/dev/null || listed=d ;;
            *)
                COMPREPLY+=("${word#"$before"}")
                [[ $word == *= ]] && compopt -o nospace 2>/dev/null
                ;;
        esac
    done < <("${1/#\~/$HOME}" completions bash -- "${words[@]}" 2>/dev/null)
    # Bash 3, as macOS has it, cannot be told to do it itself.
    if [[ -n $listed ]]; then
        local IFS=$'\n'
        COMPREPLY=($(compgen "-$listed" -- "$current"))
    fi
}

complete -F _hubreach hubreach
