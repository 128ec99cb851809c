package mapping

// logicFunction holds the functions that decide.
func logicFunction(folded string) (function, bool) {
	switch folded {
	case "cbool":
		return function{name: "CBool", min: 1, max: 1, keys: "expression", eager: cBool}, true
	case "coalesce":
		return function{name: nameCoalesce, min: 2, max: many, keys: "source", lazy: coalesce}, true
	case "error":
		return function{name: "Error", min: 1, max: 1, keys: "message", eager: raise}, true
	case "iif":
		return function{name: nameIIF, min: 3, max: 3, keys: "condition valueIfTrue valueIfFalse", lazy: iif}, true
	case "ignoreflowifnullorempty":
		return function{name: nameIgnoreIfEmpty, min: 1, max: 1, keys: "expression", eager: ignoreIfEmpty, lists: true}, true
	case "isnothing":
		return function{name: "IsNothing", min: 1, max: 1, keys: "expression", eager: isNull, lists: true}, true
	case "isnull":
		return function{name: "IsNull", min: 1, max: 1, keys: "expression", eager: isNull, lists: true}, true
	case "isnullorempty":
		return function{name: "IsNullOrEmpty", min: 1, max: 1, keys: "expression", eager: isNullOrEmpty, lists: true}, true
	case "ispresent":
		return function{name: "IsPresent", min: 1, max: 1, keys: "expression", eager: isPresent, lists: true}, true
	case "isstring":
		return function{name: "IsString", min: 1, max: 1, keys: "expression", eager: isString, lists: true}, true
	case "not":
		return function{name: "Not", min: 1, max: 1, keys: "source", eager: not}, true
	case "switch":
		return function{name: nameSwitch, min: 4, max: many, keys: "source defaultValue key value", lazy: switchOver}, true
	default:
		return function{}, false
	}
}

func cBool(c call, args []Value) (Value, error) {
	holds, err := c.condition(args[0])
	return BooleanValue(holds), err
}

// coalesce is the first argument that has a value, else the last as it is.
func coalesce(c call) (Value, error) {
	var value Value
	for _, arg := range c.node.Args {
		var err error
		if value, err = c.value(arg); err != nil {
			return Value{}, err
		}
		if !value.IsEmpty() {
			return value, nil
		}
	}
	return value, nil
}

func raise(c call, args []Value) (Value, error) {
	if args[0].IsEmpty() {
		return Value{}, c.fail("the expression ends with an error that has no message")
	}
	return Value{}, c.fail("%s", args[0].text)
}

func iif(c call) (Value, error) {
	condition, err := c.value(c.node.Args[0])
	if err != nil {
		return Value{}, err
	}
	holds, err := c.condition(condition)
	if err != nil {
		return Value{}, err
	}
	if holds {
		return c.value(c.node.Args[1])
	}
	return c.value(c.node.Args[2])
}

func ignoreIfEmpty(_ call, args []Value) (Value, error) {
	if args[0].kind != flow && args[0].IsEmpty() {
		return Value{kind: flow, text: wordIgnoreAttribute}, nil
	}
	return args[0], nil
}

func isNull(_ call, args []Value) (Value, error) { return BooleanValue(args[0].IsNull()), nil }

func isNullOrEmpty(_ call, args []Value) (Value, error) {
	return BooleanValue(args[0].IsEmpty()), nil
}

func isPresent(_ call, args []Value) (Value, error) { return BooleanValue(!args[0].IsEmpty()), nil }

func isString(_ call, args []Value) (Value, error) { return BooleanValue(args[0].count() == 1), nil }

// not is True for everything but True, null included.
func not(_ call, args []Value) (Value, error) {
	return BooleanValue(!equalFoldASCII(args[0].text, trueText)), nil
}

// switchOver is the value of the first key that equals the source, else the
// default. Null counts as "".
func switchOver(c call) (Value, error) {
	args := c.node.Args
	source, err := c.text(args[0])
	if err != nil {
		return Value{}, err
	}
	for i := 2; i+1 < len(args); i += 2 {
		key, err := c.text(args[i])
		if err != nil {
			return Value{}, err
		}
		if key == source {
			return c.value(args[i+1])
		}
	}
	return c.value(args[1])
}

// text evaluates a node that must be one text; null is "".
func (c call) text(n *Node) (string, error) {
	value, err := c.value(n)
	if err != nil {
		return "", err
	}
	if value.kind == List && len(value.list) > 1 {
		return "", c.fail("an argument has %d values where one is needed", len(value.list))
	}
	if value.kind == List {
		value = single(value)
	}
	return value.text, nil
}
