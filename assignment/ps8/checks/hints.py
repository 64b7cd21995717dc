"""The likely causes a check can name, in words, and three hints to each. No answers in code.

An id is `question.cause`; `general.cause` may happen anywhere. Where the grader's catalogue knows the same mistake, the id is
the same.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """A likely cause.

    Attributes:
        likely: what it most likely is, in a sentence.
        off: first hint, a nudge: what is off, and what it does.
        where: second hint: where to look.
        reread: third hint: what to re-read in the lesson.
    """

    likely: str
    off: str
    where: str
    reread: str

    @property
    def hints(self) -> tuple[str, str, str]:
        return self.off, self.where, self.reread


_TABLE1 = "Section 1.1: the table of layers, and the worked count of the first layer's parameters."
_TABLE2 = "Section 1.2: the table of layers, and the sentence on what follows each of them."
_SIDES = "Section 1.1 for the side of a convolution's output, 1.2 for that of a transposed one: put your numbers in."
_STEP = "Section 1.4, the last paragraph before your cell: loss, gradients, step, and what PyTorch does with old gradients."
_FROZEN = 'Section 1.5, the paragraph "Frozen means frozen".'
_VIEWS = "Section 2.1: which channels are L and which are ab, and the remark on the slice x[:, :1]."
_COSINE = "Section 2.2, the first idea: cosine over temperature."
_BANK = "Section 2.2, the second idea: the picture of the two banks, with the arrows."
_ROWS = "Section 2.2, the paragraph below the picture: what idx holds, and the formulas of out_l and out_ab."
_GRAPH = "Section 2.2, the third idea: no gradient into the bank."
_UPDATE = "Section 2.2, the fourth idea: then, and only then, the update, and its formula."
_LOSS = "Section 2.2, the loss: its formula, and the sentence below it."
_TRAIN = "Section 2.3: the three parts of a step, and the docstring of train_cmc on what each argument is."
_NCE = "The NCE notebook: the formulas of the log-odds and of the loss, and the three steps in the cell's comment."
_Z = 'The NCE notebook: "Where it comes from", the estimate of Z and its moving average.'

CAUSES: dict[str, Cause] = {}


def _add(question: str, **causes: tuple[str, str, str, str]) -> None:
    CAUSES.update({f"{question}.{name}": Cause(*texts) for name, texts in causes.items()})


_add(
    "general",
    raised=(
        "your code raised an error before it could give an answer",
        "The error is Python's or PyTorch's own. Its last line says what was wrong with which object.",
        "Go to the line that the message names, and print the shapes (x.shape) of everything in it just before.",
        "The docstring of the class or function you are filling in: it gives the shapes that come in and should go out.",
    ),
    undefined=(
        "the cell with your answer was not run, or it raised an error itself",
        "The check looks for a name that does not exist in this session.",
        "Run the cell above the check and look at its output: an error there means that nothing was defined.",
        "The names are given in the cell's first lines. Keep them as they are.",
    ),
    name=(
        "a name is used that was never defined: a typing error, or a cell that was not run",
        "Python met a name that it does not know.",
        "Compare the name in the message with your code letter by letter. If it is the notebook's own, run the set-up cells.",
        "The comments in the cell: they say in which variables to leave your results.",
    ),
    local_name=(
        "a variable is used before the line that gives it a value",
        "Inside a function, a name is read before it is written.",
        "Look for the first line that assigns this name, and whether it always runs before the one that failed.",
        "The comment above your code says which variables the given lines below expect from you.",
    ),
    device=(
        'your code names a device itself (.cuda() or "cuda"), so it runs on one kind of machine only',
        "Tensors ended up on two devices, or on one that this machine does not have.",
        'Look for .cuda(), .to("cuda") and for tensors made without device=. New tensors can take the device of one you '
        "were given.",
        "Section 0: nothing below the set-up cell names a device. `x.device` tells where x is.",
    ),
    no_graph=(
        "the loss does not depend on any parameter: it was computed outside the graph, or from the wrong tensors",
        "backward() found nothing to go back through.",
        "Follow the loss back to the model's output. Is there a no_grad, a detach, an .item() or a .data on the way, or is "
        "the model not in it at all?",
        "The comment above your code, and the docstring: what goes into the loss?",
    ),
    graph_twice=(
        "something from an earlier batch is still part of the graph",
        "backward() went back through a step that was already done and thrown away.",
        "Look for what you keep from one call to the next, such as a running loss or a bank, and whether it still carries "
        "its graph.",
        "For the bank: section 2.2, no gradient into the bank. For a loss: add up its number, loss.item(), not the tensor.",
    ),
    inplace=(
        "a tensor that backward still needs was changed in place",
        "The scores were computed from memory that the update then overwrote.",
        "Rows taken by an index (bank[idx]) are a copy, a slice or a product with the whole bank is not.",
        _GRAPH,
    ),
    inplace_leaf=(
        "a tensor that learns was changed in place",
        "PyTorch refuses to overwrite what it computes a gradient for.",
        "Look for an operator like += or a method that ends in an underscore on a tensor you were given.",
        _GRAPH,
    ),
    no_forward=(
        "the class has no method called forward: it is missing, misspelt, or indented into another method",
        "The module does not know what to do when it is called.",
        "Compare the line `def forward` with the given one, its indentation above all.",
        "The stub of the cell. You can get it back from the released notebook.",
    ),
    no_super=(
        "super().__init__() does not run before the layers are made",
        "A module must be set up before it can take layers in.",
        "Look at the order of the lines in __init__.",
        "The stub of the cell: the line was given.",
    ),
    not_a_module=(
        "the class is no nn.Module any more",
        "What the class makes is not a module.",
        "Compare the class line with the given one.",
        "The stub of the cell.",
    ),
    returns_nothing=(
        "the return is missing, or not reached",
        "The function ends without giving anything back.",
        "Look at the last line: does it say return, and does it stand inside the function but outside every branch?",
        "The docstring: what should come back?",
    ),
    returns_other=(
        "the function gives something else back than the docstring says",
        "The kind of the result is wrong, before any number is looked at.",
        "Look at the return line: a stray comma makes a tuple.",
        "The docstring: what should come back?",
    ),
    returned=(
        "the given lines around your code were changed",
        "What the function returns has another form than the given code had.",
        "Compare everything outside your part with the released notebook.",
        "The docstring, under Returns.",
    ),
)


def _stack(question: str, table: str, transposed: bool) -> None:
    """The causes that 1.1 and 1.2 share."""
    kind = "ConvTranspose2d" if transposed else "Conv2d"
    doubles = "double" if transposed else "halve"
    _add(
        question,
        chain=(
            "a layer expects another number of channels than the layer before it gives",
            "Two neighbouring layers do not fit together.",
            "Write the channels down as a chain. Each layer's output channels are the next one's input channels.",
            table,
        ),
        arguments=(
            "an argument of the constructor is not used: a number of channels is typed in where the argument should stand",
            "The network fits images in colour only, but the class promises any number of channels.",
            "Look at the first and at the last layer. Which of their numbers is an argument of __init__?",
            "The docstring of the class, under Args.",
        ),
        no_parameters=(
            "the layers are kept where nn.Module does not find them, such as a plain list",
            "The module has nothing to train, so an optimizer would have nothing to do.",
            "Look at how __init__ keeps the layers: attributes of self, nn.Sequential and nn.ModuleList are seen, lists not.",
            "PyTorch's documentation of nn.Sequential and nn.ModuleList.",
        ),
        layer_missing=(
            "a layer is missing",
            f"Fewer {kind} layers ran than the table has.",
            "Count your layers against the table.",
            table,
        ),
        layer_count=(
            "a layer is missing, or there is one too many",
            f"The number of {kind} layers that ran is not that of the table.",
            "Count your layers against the table, and look whether forward uses each of them once.",
            table,
        ),
        layer_skipped=(
            "forward leaves a layer out, or uses one twice",
            "All layers are there, but not all of them run once.",
            "Go through forward line by line: what goes into each layer, and is it the result of the one before?",
            table,
        ),
        kernel=(
            "the kernel size is wrong",
            f"A layer looks at another number of pixels than it should. It may still {doubles} the side.",
            f"Look at kernel_size of the layer that the message names. In {kind} it is the third argument.",
            table,
        ),
        padding=(
            "the padding is wrong or was left out (its default is 0)",
            f"The layer does not quite {doubles} the side, and the mistake grows from layer to layer.",
            "Look at padding of the layer that the message names.",
            _SIDES,
        ),
        stride=(
            "the stride is wrong or was left out (its default is 1)",
            f"The layer does not {doubles} the side at all.",
            "Look at stride of the layer that the message names.",
            _SIDES,
        ),
        geometry=(
            "kernel, stride, padding or dilation is wrong",
            f"The layer does not {doubles} the side.",
            "Look at all the arguments of the layer that the message names.",
            _SIDES,
        ),
        resized_between=(
            "something between two layers changes the size: a pooling, an upsampling or a reshape",
            "A layer does not get what the one before it gave.",
            "Between two layers there should be an activation and nothing else.",
            table,
        ),
        widths=(
            "the output channels of the layers are not those of the text",
            "The layers have other widths than the table, and so another number of parameters.",
            "Compare the second argument of each layer with the text.",
            table,
        ),
        widths_doubled=(
            "the widths go on doubling",
            "The last layer is narrower again: that is the bottleneck.",
            "Compare the output channels of the last layer with the text.",
            table,
        ),
        widths_order=(
            "the right widths, in the wrong order",
            "The output channels of the table are all there, but two of them have changed places.",
            "Compare the second argument of each layer with the text, in order.",
            table,
        ),
        groups=(
            "the convolution is split into groups",
            "A layer's weight does not see all of its input channels.",
            "Look for groups= in the layer that the message names. Nobody asked for it.",
            table,
        ),
        flattened=(
            "the output is flattened, or reshaped",
            "All numbers are there, but not as maps.",
            "Look at the end of forward. Flattening is left to those who need it, later.",
            "The docstring of the class, under Shape.",
        ),
        wrong_return=(
            "forward gives back the result of an inner layer",
            "The last layer runs, but its result is not what comes back.",
            "Look at the return line of forward: which variable is it, and where was it last assigned?",
            table,
        ),
        output_shape=(
            "the output has another shape than the table says",
            "The layers are right, what comes after them is not.",
            "Look at the last lines of forward.",
            "The docstring of the class, under Shape.",
        ),
        normalisation_added=(
            "a layer with parameters of its own was added, such as a batch normalisation",
            "There are more parameters than in the table. It is no bad idea, but it is another network.",
            "Look between the layers for anything that is not an activation.",
            table,
        ),
        bias_off=(
            "the biases are switched off",
            "Each layer should have a bias for each output channel; some have none.",
            "Look for bias=False. The default is what you want.",
            table,
        ),
        parameters=(
            "there are parameters too many or too few",
            "The convolutions are there, but the parameters do not add up to the table's.",
            "Print the layer table below and compare it line by line.",
            table,
        ),
        relu_missing=(
            "a ReLU is missing between two layers",
            "Negative numbers go on to the next layer as they are. Two layers in a row without a bend are one layer.",
            "Look at what stands between the two layers that the message names.",
            table,
        ),
        leaky=(
            "a leaky ReLU in place of the ReLU",
            "Negative numbers are made smaller, but go on.",
            "Look at what follows the layer that the message names.",
            table,
        ),
        sigmoid_everywhere=(
            "a Sigmoid stands between two layers in place of a ReLU",
            "Four Sigmoids in a row leave next to no gradient for the first layer.",
            "Look at what follows the layer that the message names.",
            table,
        ),
        nothing_returned=(
            "forward returns nothing: the return is missing, or not reached",
            "The layers run, and their result is thrown away.",
            "Look at the last line of forward.",
            "The docstring of the class, under Shape.",
        ),
        activation_other=(
            "the activation there is another one than the text asks for",
            "What goes on is not what a ReLU would let through.",
            "Look at what follows the layer that the message names: a dropout or a normalisation, perhaps?",
            table,
        ),
        padding_mode=(
            "the padding is not made of zeros",
            "At the border the layer sees copies of the image, not zeros.",
            "Look for padding_mode=. The default is what you want.",
            table,
        ),
        no_gradient=(
            "the output was cut off from its computation",
            "The network cannot learn: no gradient will come back through it.",
            "Look for no_grad, detach or .data in forward.",
            "Section 1.4: the encoder is trained through this output.",
        ),
        batch_of_one=(
            "a squeeze or a reshape takes a batch of one for no batch",
            "A single image loses its batch dimension.",
            "Look for squeeze() or for a reshape with fixed numbers in forward.",
            "The docstring of the class, under Shape.",
        ),
    )


_stack("encoder", _TABLE1, False)
_add(
    "encoder",
    sigmoid_last=(
        "a Sigmoid after the last layer in place of a ReLU",
        "The Sigmoid belongs to the decoder, whose pixels lie in [0, 1].",
        "Look at what follows the last layer.",
        _TABLE1,
    ),
    relu_last_missing=(
        "the ReLU after the last layer is missing",
        "The code has negative numbers. Each of the four layers is followed by a ReLU, the last one too.",
        "Look at the end of your list of layers, or of forward.",
        _TABLE1,
    ),
)
_stack("decoder", _TABLE2, True)
_add(
    "decoder",
    maps_fixed=(
        "feat_dim is not used: the number of the code's maps is typed in",
        "The decoder takes codes of 24 maps only.",
        "Look at the first layer. Which of its numbers is an argument of __init__?",
        "The docstring of the class, under Args.",
    ),
    clamped=(
        "the output is clipped to 0 and 1, where a Sigmoid should be",
        "What is clipped gets no gradient to come back.",
        "Look at what follows the last layer.",
        _TABLE2,
    ),
    sigmoid_missing=(
        "the Sigmoid at the end is missing",
        "The painted pixels may be any number, but pixels lie in [0, 1].",
        "Look at what follows the last layer.",
        _TABLE2,
    ),
    relu_last=(
        "a ReLU stands at the end in place of the Sigmoid",
        "Pixels below 0 get no gradient to come back, and nothing keeps them below 1.",
        "Look at what follows the last layer.",
        _TABLE2,
    ),
    tanh_last=(
        "a Tanh stands at the end in place of the Sigmoid",
        "The painted pixels lie in [-1, 1], the image's in [0, 1].",
        "Look at what follows the last layer.",
        _TABLE2,
    ),
    relu_before_sigmoid=(
        "a ReLU comes after the last layer, before the Sigmoid",
        "Nothing darker than a middle grey can be painted: no pixel is below 0.5.",
        "Look at what follows the last layer. A ReLU belongs after each layer *but* the last.",
        _TABLE2,
    ),
    last_activation=(
        "the activation after the last layer is not a Sigmoid",
        "What comes out is not what a Sigmoid would make of the last layer.",
        "Look at what follows the last layer.",
        _TABLE2,
    ),
)


def _steps(question: str, reread: str) -> None:
    """The causes that 1.4, 1.5 and 2.3 share: a step of training."""
    _add(
        question,
        model_not_called=(
            "the model is not called on every batch",
            "A batch went by without a forward pass.",
            "Is the step inside the loop over the batches, at the right indentation?",
            reread,
        ),
        no_backward=(
            "loss.backward() is missing",
            "No gradient was computed, so nothing can be learned.",
            "A step has three parts after the loss. Count yours.",
            reread,
        ),
        no_step=(
            "optimizer.step() is missing",
            "Gradients are computed, but no parameter ever moves.",
            "A step has three parts after the loss. Count yours.",
            reread,
        ),
        two_steps=(
            "the optimizer steps more than once a batch",
            "The same gradient is used twice.",
            "Look for a second optimizer.step(), or a loop around the step.",
            reread,
        ),
        step_before_backward=(
            "optimizer.step() comes before loss.backward()",
            "Each step uses what the batch before left behind; the first uses nothing.",
            "Look at the order of the calls.",
            reread,
        ),
        zero_grad_after_backward=(
            "the gradients are cleared between backward() and step()",
            "backward() computes the gradients, they are thrown away, and the step finds none.",
            "Old gradients must go before the new ones come. Where does zero_grad() stand in your step?",
            reread,
        ),
        gradients_never_cleared=(
            "the gradients are never cleared: zero_grad() is missing",
            "Every step also uses the gradients of all batches before it, since PyTorch adds new gradients to old ones.",
            "One of the calls of a training step is missing from yours.",
            reread,
        ),
        gradient_changed=(
            "the gradient was changed between backward() and step(), or only part of it was cleared",
            "The step does not use the gradient of its batch.",
            "Look at everything that stands between zero_grad(), backward() and step().",
            reread,
        ),
        evaluation_mode=(
            "the model is left in evaluation mode while it trains",
            "Layers such as dropout and batch normalisation would behave as in testing.",
            "Look for an eval() inside the loop that no train() follows.",
            reread,
        ),
        graph_kept=(
            "losses are kept as tensors, and each holds on to the graph of its batch",
            "Memory grows with every batch, or backward() walks through steps that are already done.",
            "Add up numbers, loss.item(), not tensors.",
            reread,
        ),
        loss_accumulated=(
            "the loss goes on from batch to batch: each one is added to those before",
            "A step should know its own batch only; the graphs of the others are gone.",
            "Is the loss of a batch assigned anew, or added to something?",
            reread,
        ),
        no_graph=(
            "the forward pass runs without a graph",
            "Under no_grad PyTorch does not note what it computes, so backward() has nothing to go back through.",
            "Look for a no_grad around the step, or set_grad_enabled.",
            reread,
        ),
        optimizer_kind=(
            "another optimizer than Adam",
            "The optimizer is not the one that was asked for.",
            "Look at the line that makes the optimizer.",
            reread,
        ),
        learning_rate=(
            "the learning rate is not that of the settings",
            "The steps are larger or smaller than asked for.",
            "Look at the line that makes the optimizer: lr has a default.",
            "The settings, cfg, are printed in the set-up cell.",
        ),
        betas=(
            "Adam's betas are not those of the settings",
            "Adam forgets old gradients faster or more slowly than asked for.",
            "Look at the line that makes the optimizer.",
            "The settings, cfg, are printed in the set-up cell.",
        ),
        optimizer_made_anew=(
            "the optimizer is made anew at every batch",
            "Adam remembers past gradients; a new one at every batch remembers nothing.",
            "Make the optimizer once, before the loop.",
            reread,
        ),
        part_without_gradient=(
            "a part of the model gets no gradient",
            "Some parameters are not reached by backward().",
            "Follow the loss back to that part: is it used at all, or cut off by no_grad or detach?",
            reread,
        ),
    )


_steps("train_ae", _STEP)
_add(
    "train_ae",
    wrong_input=(
        "the model is called on something else than the batch's images",
        "What goes into the model is not what the loader gave.",
        "Look at the argument of model(...).",
        _STEP,
    ),
    loss_without_model=(
        "the loss does not depend on the model",
        "backward() found nothing to go back through: the model's output is not in the loss, or without its gradient.",
        "Which two tensors are compared? One should be the images, the other what the model makes of them.",
        "Section 1.4, the formula of the loss: what are x and x̂?",
    ),
    loss_wrong_pair=(
        "the loss compares the wrong two tensors, or is not their mean squared error",
        "The number reported is not the mean squared difference of image and reconstruction.",
        "Look at the arguments of the criterion: the reconstruction, and what it should look like.",
        "Section 1.4, the formula of the loss.",
    ),
    absolute_error=(
        "the absolute error in place of the squared one",
        "The differences are not squared.",
        "Look at the criterion.",
        "Section 1.4, the formula of the loss: mind the exponent.",
    ),
    twice_through=(
        "the reconstruction is fed in again",
        "The model is called on its own output.",
        "Count the calls of the model in your step.",
        "Section 1.4, the formula of the loss: x̂ is made from x.",
    ),
    loss_summed=(
        "the squared errors are added up, not averaged",
        "The loss grows with the size of the batch and of the image.",
        "`criterion` is given. If you use your own, take the mean over everything.",
        "Section 1.4, the formula of the loss: mind the factor in front of the sum.",
    ),
)
_steps("train_classifier", "Section 1.4 for the parts of a step, 1.5 for the loss.")
_add(
    "train_classifier",
    not_flattened=(
        "the features are not flattened to (batch_size, features), or the wrong dimensions are",
        "The encoder gives maps, the classifier takes a row of numbers for each image.",
        "Look at what goes into cls(...), and print its shape. The batch dimension must stay.",
        "Section 1.5, the sentence above your cell.",
    ),
    no_optimizer=(
        "`optimizer` is not made",
        "The step needs an optimizer, and the first part of the answer is to make it.",
        "There are two places to fill in. The first is above the loop.",
        _FROZEN,
    ),
    optimizer_without_parameters=(
        "the optimizer gets no parameters",
        "Its list of parameters is empty, or was used up before: parameters() can be walked through only once.",
        "Put the parameters into a list before you add to it.",
        _FROZEN,
    ),
    weight_decay=(
        "the weight decay is not cfg.cls_weight_decay",
        "Nothing, or too much, pulls the weights towards 0.",
        "Look at the line that makes the optimizer: weight_decay is 0 unless you give it.",
        "The comment above the first part of your answer.",
    ),
    frozen_encoder_trained=(
        "with supervised=False, the optimizer holds the encoder's parameters and a gradient reaches them",
        "The frozen encoder is not frozen.",
        "Which parameters does the optimizer get when supervised is False? And does a gradient reach the encoder then?",
        _FROZEN,
    ),
    supervised_encoder_frozen=(
        "with supervised=True, the optimizer does not get the encoder's parameters",
        "The encoder should learn from the labels, and does not move.",
        "Which parameters does the optimizer get when supervised is True?",
        _FROZEN,
    ),
    classifier_left_out=(
        "the optimizer does not get the classifier's parameters",
        "The classifier should learn in either case, and does not move.",
        "Which parameters does the optimizer get? Adding to a list and replacing it are two things.",
        _FROZEN,
    ),
    classifier_not_called=(
        "the classifier is not called on every batch",
        "A batch went by without logits.",
        "Is the step inside the loop over the batches, and does it use cls?",
        "Section 1.5, the formula of the logits.",
    ),
    loss_value=(
        "the loss is not the mean cross entropy of the logits and the labels",
        "The number reported differs from the formula.",
        "Look at the arguments of the criterion: first the logits as they are, then the labels.",
        "Section 1.5, the formula of the loss.",
    ),
    batch_flattened=(
        "the batch is flattened, too",
        "All images of the batch end up in one row.",
        "Flattening starts at dimension 0 unless told otherwise.",
        "Section 1.5, the sentence above your cell: (batch_size, features).",
    ),
    loss_summed=(
        "the losses of the images are added up, not averaged",
        "The loss grows with the batch.",
        "Look at the criterion's reduction.",
        "Section 1.5, the formula of the loss.",
    ),
    supervised_reversed=(
        "supervised has the opposite meaning",
        "The encoder learns when it should be frozen, and is frozen when it should learn.",
        "Look at the condition: for which value of supervised does the optimizer get the encoder?",
        _FROZEN,
    ),
    no_graph_when_frozen=(
        "gradients are off for the classifier, too, when the encoder is frozen",
        "Only the encoder needs no gradient. The classifier learns in either case.",
        "Which lines stand in the block without gradients? The classifier and the loss do not belong there.",
        _FROZEN,
    ),
    softmax_first=(
        "a softmax comes before the cross entropy, which has one of its own",
        "Probabilities are treated as logits. However sure the classifier is, its loss stays above 1.",
        "Look between cls(...) and criterion(...): nothing belongs there.",
        "Section 1.5, the formula of the loss: the softmax is in it already.",
    ),
    methods_missing=(
        "the cell with the choice for the three methods was not run",
        "`supervised` should be a dictionary, and does not exist.",
        "It is the second cell of this question, below train_classifier.",
        "Section 1.5, the sentence above that cell.",
    ),
    methods_form=(
        "`supervised` does not have the form asked for",
        "Keys or values are not those of the text.",
        "Three keys, roman numerals in capitals, and True or False for each, without quotes.",
        "Section 1.5, the sentence above that cell.",
    ),
    methods_none=(
        "no method lets the encoder learn from the labels",
        "One of the three rows of the table says that its encoder learns.",
        'Look at the column "encoder then" of the table.',
        "Section 1.5, the table of the three methods.",
    ),
    methods_all=(
        "every method lets the encoder learn from the labels",
        "Two of the three rows of the table say that the encoder stays as it is.",
        'Look at the column "encoder then" of the table.',
        "Section 1.5, the table of the three methods.",
    ),
    methods_reversed=(
        "True and False are exchanged",
        "supervised=True means that the labels reach the encoder.",
        'Look at the column "encoder then" of the table.',
        "Section 1.5, the table of the three methods.",
    ),
    methods_I=(
        "method I lets its encoder learn from the labels",
        "Then nothing could be said of what rebuilding images alone has taught.",
        'Look at the column "encoder then" of the table.',
        "Section 1.5, the table of the three methods.",
    ),
    methods_III=(
        "method III lets its encoder learn from the labels",
        "Then it would be method II once more, and there would be nothing to compare with.",
        'Look at the column "encoder then" of the table.',
        "Section 1.5, the table of the three methods.",
    ),
    methods=(
        "the choice does not fit the table of the three methods",
        "For one method the labels would reach an encoder that should not see them, or the other way round.",
        'Look at the column "encoder then" of the table.',
        "Section 1.5, the table of the three methods.",
    ),
)
_add(
    "encoder_cmc",
    channel_dim_dropped=(
        "the slice drops the channel dimension (x[:, 0] where x[:, :1] is needed)",
        "A convolution wants four dimensions; it got three and took the batch for channels.",
        "Look at how you cut the channels out of x, and print the shapes.",
        _VIEWS,
    ),
    wrong_channels=(
        "an encoder gets the wrong channels",
        "What goes into one of the encoders is not its view.",
        "Look at the two slices. Python counts from 0, and the end of a slice does not belong to it.",
        _VIEWS,
    ),
    concatenated=(
        "the two features were joined into one",
        "One tensor comes back, where two should.",
        "Joining them is the task of a class given later. Return them one by one.",
        "The docstring of EncoderCMC, under Shape.",
    ),
    one_output=(
        "not exactly two tensors come back",
        "The features of L and those of ab should be two results.",
        "Look at the return line.",
        "The docstring of EncoderCMC, under Shape.",
    ),
    not_flattened=(
        "the features are not flattened",
        "They come back as 24 maps of 4x4, where 384 numbers for each image are asked for.",
        "What an encoder gives has four dimensions. All but the first should become one.",
        "Section 2.1, the sentence above the remark on slices.",
    ),
    batch_flattened=(
        "the batch was flattened, too",
        "All images ended up in one row.",
        "Flattening starts at dimension 0 unless told otherwise.",
        "The docstring of EncoderCMC, under Shape.",
    ),
    feature_shape=(
        "the features have another shape than (batch_size, 384)",
        "The shape of a result is wrong.",
        "Print the shapes after the encoder and after the flattening.",
        "The docstring of EncoderCMC, under Shape.",
    ),
    one_encoder=(
        "one encoder is used for both views, or an encoder with the wrong number of channels",
        "The two views should share no weights.",
        "Which encoder does each view go through? The constructor made two.",
        "Section 2.1, the first paragraph.",
    ),
    views_swapped=(
        "the two features come back in the wrong order",
        "First the features of L, then those of ab: yours are the other way round.",
        "Look at the return line.",
        "The docstring of EncoderCMC, under Shape.",
    ),
    views_mixed=(
        "a feature depends on channels that are not its view's, or not on those that are",
        "A view's feature should know its own channels and no other.",
        "Follow each result back to its slice of x.",
        _VIEWS,
    ),
    normalised=(
        "the features are normalised here already",
        "They come back with length 1. That is the task of the score.",
        "Look for a normalize in forward.",
        "Section 2.2, step 1 in the comment of CMCScore.",
    ),
    transposed=(
        "the features are rearranged: a transpose or permute before the flattening",
        "The numbers are right, their order is not.",
        "Look at what happens between the encoder and the return.",
        "The docstring of EncoderCMC, under Shape.",
    ),
    features_changed=(
        "something is done to the features after the encoder",
        "They should come back as the encoder gave them, only flattened.",
        "Look at what happens between the encoder and the return.",
        "The docstring of EncoderCMC, under Shape.",
    ),
    channels_swapped=(
        "the wrong channels are called L: the encoder for one channel sees a colour",
        "The views are not L and ab.",
        "Look at the two slices. Python counts from 0.",
        _VIEWS,
    ),
    whole_image=(
        "an encoder gets the whole image",
        "All three channels arrive where one or two should.",
        "Look at what each encoder is called on.",
        _VIEWS,
    ),
    b_left_out=(
        "channel b is left out",
        "The second view is a and b; only one of them arrives.",
        "Look at the second slice: the end of a slice does not belong to it.",
        _VIEWS,
    ),
    averaged=(
        "the maps are averaged, not flattened",
        "24 numbers are left of 384: where something was is lost.",
        "Look at what happens to the maps after the encoder.",
        "Section 2.1, the sentence above the remark on slices.",
    ),
    one_encoder_on_a_mean=(
        "the colours are averaged to fit the encoder of L",
        "The two views should share no weights, and a and b are two channels.",
        "Which encoder does each view go through? The constructor made two.",
        "Section 2.1, the first paragraph.",
    ),
    one_view_detached=(
        "the features of one view are cut off from their encoder (detach, no_grad or .data)",
        "One encoder learns, the other never will.",
        "Look for detach, no_grad or .data in forward.",
        "Section 2.2: gradients run through l and ab.",
    ),
    features_detached=(
        "the features are cut off from their encoders (detach, no_grad or .data)",
        "No gradient comes back, so that encoder would never learn.",
        "Look for detach, no_grad or .data in forward.",
        "Section 2.2: gradients run through l and ab.",
    ),
    batch_of_one=(
        "a squeeze or a reshape takes a batch of one for no batch",
        "A single image loses its batch dimension.",
        "Look for squeeze() or for a reshape with fixed numbers.",
        "The docstring of EncoderCMC, under Shape.",
    ),
)
_add(
    "cmc_score",
    product_shapes=(
        "the shapes of the features and of the bank's rows do not fit in the product",
        "Each image has K+1 rows of its own, (batch_size, K+1, d), and one feature, (batch_size, d).",
        "Write the three shapes down: rows, feature, scores. A batched product needs a last dimension at the feature.",
        _ROWS,
    ),
    bank_missing=(
        "the given constructor was changed",
        "One of the banks does not exist under its name.",
        "Compare __init__ with the given one.",
        'Section 2.2: "Given are the constructor and its two banks".',
    ),
    bank_assigned=(
        "the bank was replaced by something of another shape or kind",
        "After the call the bank is not the table it was.",
        "The update assigns to rows of the bank, not to the bank.",
        _UPDATE,
    ),
    two_outputs=(
        "not exactly two tensors come back",
        "Each of the two views has scores.",
        "Look at the return line.",
        "The docstring of CMCScore, under Shape.",
    ),
    shape=(
        "the scores have another shape than (batch_size, K+1, 1)",
        "The shape is wrong, before any number is looked at.",
        "Print the shapes of the rows, of the feature, and of their product.",
        _ROWS,
    ),
    last_dimension=(
        "the last dimension, of size 1, is missing",
        "The scores come as (batch_size, K+1).",
        "A squeeze or a sum took the last dimension away. The loss expects it.",
        "The docstring of CMCScore, under Shape.",
    ),
    squeeze_breaks=(
        "a squeeze() without a dimension removes the batch or the rows when there is only one of them",
        "It works for most sizes and breaks for a batch of one, or for K = 0.",
        "Look for squeeze(): name the dimension that you mean.",
        "The docstring of CMCScore, under Shape.",
    ),
    not_finite=(
        "a division by zero or an overflow",
        "Scores or rows are not finite numbers.",
        "Look at every division and every exponential.",
        "Step 1 in the comment of CMCScore: what is eps for?",
    ),
    idx_ignored=(
        "rows are drawn at random although idx is given",
        "The same call gives other scores each time.",
        "Look at the branch for idx: is None the only case in which you draw?",
        "Step 2 in the comment of CMCScore.",
    ),
    probabilities=(
        "a softmax was applied: these are probabilities, not scores",
        "The loss has a softmax of its own. Two of them in a row leave next to no gradient.",
        "Look at what happens to the products after the division by T.",
        "Section 2.2: the formulas of out_l and out_ab have no exponential.",
    ),
    exponential=(
        "an exponential was applied to the scores",
        "Scores may be negative; yours are not. The exponential belongs to the loss.",
        "Look at what happens to the products after the division by T.",
        "Section 2.2: the formulas of out_l and out_ab have no exponential.",
    ),
    live_not_normalised=(
        "the live features are not normalised to length 1 (or the result of normalising is not kept)",
        "Longer features get larger scores, so an encoder could win by shouting.",
        "Look at step 1: F.normalize gives a new tensor and leaves the old one as it is. And is it done to both views?",
        _COSINE,
    ),
    normalised_over_batch=(
        "the live features are normalised along the wrong dimension, over the batch",
        "An image's scores depend on which other images happen to be in the batch.",
        "Look at dim in the normalisation: each row is to get length 1, not each column.",
        _COSINE,
    ),
    own_bank=(
        "a view is scored against its own bank",
        "An image is asked to recognise its own old feature: nothing ties the two views together.",
        "Which bank do the rows for out_l come from, and which those for out_ab?",
        _BANK,
    ),
    outputs_swapped=(
        "the two results come back in the wrong order",
        "First the scores of l, then those of ab: yours are the other way round.",
        "Look at the return line, or at the names on the left of the two products.",
        "The docstring of CMCScore, under Shape.",
    ),
    live_instead_of_bank=(
        "the live features of the two views are compared with each other, without the bank",
        "The scores do not depend on the bank at all.",
        "Where do the K+1 rows for each image come from?",
        _BANK,
    ),
    other_live=(
        "a view's scores are computed from the other view's live features",
        "The bank is right, the live feature is not.",
        "Look at which live feature goes into each of the two products.",
        _ROWS,
    ),
    sources=(
        "the scores are computed from the wrong tensors",
        "A view's scores should depend on its live features and the other view's bank.",
        "Follow each result back to what goes into it.",
        _ROWS,
    ),
    update_before_scores=(
        "the banks are updated before the scores are computed",
        "The positive already holds a piece of the step that is being scored: its score is too high.",
        "Look at the order: when do you write to the banks, and when do you read from them?",
        _UPDATE,
    ),
    update_between=(
        "the update stands between the two halves: one view is scored before it, the other after",
        "One direction is right, the other finds a bank that was updated already.",
        "Compute both scores first. Only then write to either bank.",
        _UPDATE,
    ),
    temperature=(
        "the scores do not follow the temperature as they should",
        "Doubling T should halve the scores.",
        "Where does self.T appear, and how often?",
        _COSINE,
    ),
    temperature_forgotten=(
        "the temperature is forgotten: the scores are plain cosines",
        "Scores between -1 and 1 make a softmax that is nearly flat, so training ends on the plateau.",
        "Where does self.T appear in forward?",
        _COSINE,
    ),
    temperature_fixed=(
        "the temperature is typed in as a number, in place of self.T",
        "The argument T of the constructor changes nothing.",
        "Look at what the scores are divided by.",
        _COSINE,
    ),
    temperature_multiplied=(
        "the scores are multiplied by the temperature, not divided",
        "A small T should make large scores; yours get smaller.",
        "Look at the operator beside self.T.",
        _COSINE,
    ),
    temperature_twice=(
        "the temperature is applied twice",
        "The scores are larger than 1/T.",
        "Look for all places with self.T: features and scores, or once more at the end.",
        _COSINE,
    ),
    scale=(
        "the scores are off by a common factor",
        "Nothing but the cosine and T belongs in a score.",
        "Look for another factor: a mean in place of a sum, a square root of d.",
        _COSINE,
    ),
    sign=(
        "the sign of the scores is turned",
        "Alike features should score high.",
        "Look for a minus: a distance is small for what is alike, a score is large.",
        _COSINE,
    ),
    columns_mixed=(
        "the scores stand in the wrong columns",
        "Column j should belong to idx[:, j].",
        "Look for anything that changes the order of idx or of the scores.",
        _ROWS,
    ),
    positive_column=(
        "the positive does not stand at column 0",
        "The loss looks for the right answer at column 0.",
        "Look at how positive and negatives are put together.",
        _ROWS,
    ),
    rows_wrong=(
        "the scores belong to other rows than idx names",
        "Scores are cosines over T, but not with the rows that were asked for.",
        "How are the rows taken from the bank? idx has shape (batch_size, K+1); so the rows have one dimension more.",
        _ROWS,
    ),
    no_update=(
        "the banks are never updated, or the result of the update is not written back",
        "After the call the banks are as before: they would stay noise for ever.",
        "Does anything assign to rows of self.memory_l and self.memory_ab? A row taken by an index is a copy.",
        _UPDATE,
    ),
    one_bank_updated=(
        "only one of the two banks is updated",
        "One bank learns, the other stays noise.",
        "Count the assignments: each view has a bank of its own.",
        _UPDATE,
    ),
    all_rows_updated=(
        "all rows of the bank are changed, not only the rows y",
        "Images that are not in the batch lose what was remembered of them, or are normalised along the way.",
        "Look at the left side of the assignment: which rows does it name?",
        _UPDATE,
    ),
    y_as_position=(
        "the rows 0, 1, 2, ... of the bank are updated: the position in the batch is taken for the image's number",
        "Every batch would overwrite the same few rows.",
        "Image y owns row y. What indexes the bank in your update?",
        _BANK,
    ),
    negatives_updated=(
        "the rows of the negatives are updated, too",
        "idx names K+1 rows for each image, and only one of them is its own.",
        "Look at the left side of the assignment: idx or y?",
        _UPDATE,
    ),
    rows_updated=(
        "the wrong rows are updated",
        "The rows that changed are not the rows y.",
        "Look at the left side of the assignment.",
        _UPDATE,
    ),
    row_not_normalised=(
        "the new rows are not scaled back to length 1, or the scaled row is not what is written",
        "A mean of two unit vectors is shorter than 1, so cosines would shrink from epoch to epoch.",
        "Look at what is written into the bank: is it the normalised row? F.normalize gives a new tensor.",
        _UPDATE,
    ),
    momentum_wrong_side=(
        "the momentum is on the wrong side: it weighs the live feature, not the old row",
        "The momentum should be the share of the OLD row that stays.",
        "Which of the two summands carries self.momentum, and which 1 - self.momentum?",
        _UPDATE,
    ),
    replaced=(
        "the row is replaced by the live feature, not averaged with it",
        "The old row is lost at every step, so crops and flips are not smoothed over.",
        "Does the old row appear on the right side of the update?",
        _UPDATE,
    ),
    bank_as_parameter=(
        "the banks were made parameters",
        "An optimizer would train them, and they would take part in every graph.",
        "Compare __init__ with the given one: the banks are buffers.",
        _GRAPH,
    ),
    negatives_from_batch=(
        "the negatives come from the rows of the batch only",
        "The bank holds a row for every image; only a handful of them are used.",
        "From which range is idx drawn? The batch has nothing to say there.",
        "Section 2.2: the other K are numbers of other images, drawn uniformly.",
    ),
    one_column_short=(
        "without idx, there are K columns in place of K+1",
        "K counts the negatives. The positive comes on top.",
        "Look at the size of what you draw.",
        "Step 2 in the comment of CMCScore.",
    ),
    momentum_ignored=(
        "self.momentum is not used",
        "With momentum 1 a row should stay, with momentum 0 it should be replaced. Yours does the same in both cases.",
        "Look for a number typed in, or for an update without the old row.",
        _UPDATE,
    ),
    momentum_value=(
        "old row and live feature are mixed in other shares than momentum and 1 - momentum",
        "Momentum 0 and 1 are right, what lies between is not.",
        "Look at the two factors of the sum.",
        _UPDATE,
    ),
    update_other_view=(
        "the bank takes up the other view's features",
        "memory_l should remember L, and memory_ab should remember ab.",
        "Which live feature goes into which bank?",
        _UPDATE,
    ),
    update_raw_live=(
        "the update uses the live feature before it was normalised",
        "A long feature drowns the old row, whatever the momentum.",
        "Is z in the update the feature of length 1?",
        _UPDATE,
    ),
    update_value=(
        "the new row is not the mix of old row and live feature",
        "The right rows change, but not to what the formula says.",
        "Go through the update's formula term by term.",
        _UPDATE,
    ),
    bank_in_graph=(
        "the bank became part of the graph: the update runs with gradients on",
        "The graph of this batch hangs on the bank, and the next backward() would go through it again.",
        "Under what should the update stand, so that PyTorch does not record it?",
        _GRAPH,
    ),
    scores_without_gradient=(
        "the scores are cut off from the live features (no_grad, detach or .data too early)",
        "Only the update is without gradient. The scores are what the encoders learn from.",
        "Which lines stand under no_grad? And are the features detached before they are scored?",
        _GRAPH,
    ),
    gradient_cut=(
        "part of the score's computation was left out of the graph",
        "The gradient does not fit the scores: something, such as the length of the features, was taken for a constant.",
        "Look for detach, .data or no_grad around the normalisation.",
        _GRAPH,
    ),
    drawn_rows=(
        "without idx, scores belong to no row of the bank",
        "With idx given all is right, so it is the drawing.",
        "Print the idx that you draw: its shape, its type, its smallest and largest number.",
        "Step 2 in the comment of CMCScore.",
    ),
    drawn_positive_column=(
        "column 0 of the drawn rows is not the image's own row y",
        "The loss takes column 0 for the right answer.",
        "After drawing, is column 0 set, and to what?",
        "Step 2 in the comment of CMCScore.",
    ),
    negatives_contain_positive=(
        "the drawn negatives contain the image's own row",
        "Now and then the right answer is counted as a wrong one.",
        "Your draw is over all N rows. How could it leave one out, another one for each image?",
        "Section 2.2: the other K are numbers of *other* images.",
    ),
    rows_never_drawn=(
        "the drawn rows leave some rows out",
        "Some images would never be anybody's negative.",
        "Print the smallest and largest number that you draw. The upper end of torch.randint does not belong to it.",
        "Section 2.2: the negatives are drawn uniformly from the other images.",
    ),
    drawn_unevenly=(
        "some rows are drawn more often than others",
        "The negatives should come uniformly from all other rows.",
        "When you replace the image's own number, what takes its place? Is that number then drawn twice as often?",
        "Section 2.2: the negatives are drawn uniformly from the other images.",
    ),
)
_add(
    "softmax_loss",
    target_shape=(
        "scores and targets do not fit: the last dimension is still there, or the targets have the wrong shape or type",
        "The cross entropy wants scores (batch_size, K+1) and one whole number for each row.",
        "Print both shapes just before the cross entropy.",
        _LOSS,
    ),
    target_value=(
        "a target names a column that does not exist",
        "The right answer is not where you say it is.",
        "Print the targets. The right answer stands at the same column in every row.",
        _LOSS,
    ),
    squeeze_breaks=(
        "a squeeze() without a dimension removes the batch or the columns when there is only one of them",
        "It works for most sizes and breaks for a batch of one, or for K = 0.",
        "Look for squeeze(): name the dimension that you mean.",
        "The docstring of SoftmaxLoss, under Shape.",
    ),
    not_a_tensor=(
        "the loss was turned into a plain number, so it has no gradient",
        "A loss must be a tensor that knows how it was computed.",
        "Look for .item() or float().",
        _LOSS,
    ),
    not_reduced=(
        "the losses of the images are not averaged",
        "One number for each image comes back, where one for the batch is asked for.",
        "Look at the reduction, or at the last line.",
        "The docstring of SoftmaxLoss, under Shape.",
    ),
    not_scalar=(
        "the loss has a dimension too many",
        "One number, but in a shape such as (1,).",
        "Look at what comes back: a mean over everything has shape ().",
        "The docstring of SoftmaxLoss, under Shape.",
    ),
    not_finite=(
        "a logarithm of 0 or an overflow",
        "The loss is not a finite number.",
        "Look at every logarithm and every exponential.",
        _LOSS,
    ),
    overflow=(
        "the exponential of large scores overflows, or the logarithm of a probability of 0 is taken",
        "The formula is right on paper, but e^100 is more than a float holds.",
        "PyTorch has the softmax and the logarithm in one function, which never computes the large number.",
        "Section 2.2, the comment on scores too large for a plain exponential.",
    ),
    sum_for_mean=(
        "the losses of the images are added up, not averaged",
        "The loss grows with the batch.",
        "Look at the reduction.",
        _LOSS,
    ),
    mean=(
        "the loss of a batch is not the mean over its images",
        "Each image alone is right, a batch is not.",
        "Over which dimension is the mean taken, and before or after the logarithm?",
        _LOSS,
    ),
    sign=(
        "the minus is missing",
        "The loss is negative: training would make the right answer less likely.",
        "Look at the sign in front.",
        _LOSS,
    ),
    squeeze_missing=(
        "the last dimension, of size 1, is not taken away",
        "The cross entropy takes it for a place in a picture.",
        "It wants scores (batch_size, K+1). Which dimension is too many?",
        "The docstring of SoftmaxLoss, under Shape.",
    ),
    columns_averaged=(
        "the loss is averaged over the columns, too",
        "It is K+1 times too small.",
        "Look at the last line: over what is the mean taken?",
        _LOSS,
    ),
    softmax_over_batch=(
        "the softmax runs over the batch, not over the columns",
        "Images compete with each other, where the rows of one image should.",
        "Look at the dimension of the softmax.",
        "Section 2.2, the formula of the loss: over which index does the sum in the denominator run?",
    ),
    noise_only=(
        "the positive is missing below the fraction",
        "Without it the loss can fall below 0 and never comes to rest.",
        "Over which columns does the sum in the denominator run?",
        _LOSS,
    ),
    positive_only=(
        "the negatives are missing: this is the positive's score alone",
        "Making all scores larger would be enough.",
        "Look at which columns go into the loss.",
        _LOSS,
    ),
    temperature_again=(
        "the scores are scaled again, as by a temperature",
        "The scores were divided by T already.",
        "Look for a division or a factor before the cross entropy.",
        _LOSS,
    ),
    each_column_alone=(
        "each column is asked a yes or no by itself, where one column is to be picked",
        "That is the loss of the optional part, or close to it.",
        "Which of PyTorch's losses picks one class of many?",
        _LOSS,
    ),
    no_logarithm=(
        "the logarithm is missing: this is a probability",
        "The formula takes the logarithm of the softmax.",
        "Look at what happens after the softmax.",
        _LOSS,
    ),
    softmax_first=(
        "a softmax comes before the cross entropy, which has one of its own",
        "Probabilities are treated as scores. However sure the answer, the loss stays large.",
        "Look at what goes into the cross entropy: the scores as they are.",
        "Section 2.2, the sentence below the formula: it takes the *scores*.",
    ),
    label_per_row=(
        "row i is asked for column i, as if the positive moved along the diagonal",
        "That is right for losses that compare a batch with itself. Here the positive is at the same column in all rows.",
        "Look at the targets: what should all of them be?",
        _LOSS,
    ),
    label_one=(
        "the right answer is looked for at column 1",
        "Python counts from 0, and so do the columns.",
        "Look at the targets: what should all of them be?",
        _LOSS,
    ),
    positive_last=(
        "the right answer is looked for at the last column",
        "The positive stands at the first column.",
        "Look at the targets: what should all of them be?",
        _LOSS,
    ),
    positive_column=(
        "the right answer is looked for at the wrong column",
        "The positive stands at the first column.",
        "Look at the targets: what should all of them be?",
        _LOSS,
    ),
    absolute=(
        "the loss changes when the same number is added to all scores",
        "In a softmax only differences count.",
        "Over which columns does the sum in the denominator run?",
        _LOSS,
    ),
    value=(
        "the loss is not the cross entropy of the scores",
        "A case that can be worked out by hand gives another number.",
        "Work the formula out for two scores, 0 and 0, and compare step by step.",
        _LOSS,
    ),
    no_gradient=(
        "the loss was cut off from the scores",
        "Nothing could be learned from it.",
        "Look for detach, .item() or no_grad.",
        _LOSS,
    ),
    gradient=(
        "the gradient is not that of the cross entropy",
        "The value is right, but part of the computation was left out of the graph.",
        "Look for detach, .data or no_grad.",
        _LOSS,
    ),
)
_steps("train_cmc", _TRAIN)
_add(
    "train_cmc",
    contrast_not_called=(
        "the contrast is not called on every batch",
        "A batch went by without scores.",
        "Is the step inside the loop over the batches?",
        _TRAIN,
    ),
    contrast_twice=(
        "the contrast is called more than once a batch",
        "Every call updates the banks: the second one would score against rows that hold this very batch.",
        "One call gives the scores of both views.",
        "Section 2.2: what a call does to the banks.",
    ),
    numbers_missing=(
        "the contrast is called without the images' numbers",
        "It needs to know which rows are whose.",
        "The loader gives three things. Which of them are the numbers?",
        _TRAIN,
    ),
    numbers_wrong=(
        "y is not the images' numbers",
        "The contrast would update the wrong rows.",
        "The loader gives three things. Which of them are the numbers?",
        _TRAIN,
    ),
    labels_for_numbers=(
        "the labels are given to the contrast in place of the images' numbers",
        "Unlabelled images have no labels, and ten classes would share ten rows of the bank.",
        "The loader gives three things. Which of them are the numbers?",
        _TRAIN,
    ),
    positions_for_numbers=(
        "the positions in the batch are given in place of the images' numbers",
        "All batches would share the first few rows of the bank.",
        "The loader gives three things. Which of them are the numbers?",
        _TRAIN,
    ),
    rows_given=(
        "the images' numbers are given as idx, the rows to score against",
        "The contrast's third argument is y. Left alone, it draws the rows itself.",
        "Look at the arguments of contrast(...), and at its docstring.",
        "The docstring of CMCScore: y and idx.",
    ),
    features_swapped=(
        "the features of L and of ab are given in the wrong order",
        "Each view would be kept in the other's bank.",
        "Look at what the model gives first, and what the contrast takes first.",
        _TRAIN,
    ),
    features_changed=(
        "something is done to the features between model and contrast",
        "They should go on as the model gave them.",
        "Look at the lines between model(...) and contrast(...).",
        _TRAIN,
    ),
    one_view_detached=(
        "the features of one view are cut off from the model (detach, no_grad or .data)",
        "One encoder learns, the other never will.",
        "Look at the lines between model(...) and contrast(...).",
        _TRAIN,
    ),
    softmax_before_criterion=(
        "a softmax comes before the criterion, which has one of its own",
        "Probabilities are treated as scores.",
        "Look at the arguments of the criteria: the scores as they are.",
        _TRAIN,
    ),
    losses_subtracted=(
        "one view's loss is taken away from the other's",
        "One view would be trained to do worse.",
        "Look at how the two are put together.",
        _TRAIN,
    ),
    features_detached=(
        "the features are cut off from the model (detach, no_grad or .data)",
        "No gradient reaches the encoders, so nothing is learned.",
        "Look at the lines between model(...) and the loss.",
        _TRAIN,
    ),
    criteria_not_called=(
        "the criteria are not called",
        "The loss is computed without the functions given for it.",
        "criterion_l and criterion_ab turn scores into losses.",
        _TRAIN,
    ),
    one_criterion=(
        "one criterion is used for both views",
        "Harmless while both are alike, wrong when they are not: a criterion may keep numbers of its own for its view.",
        "Which criterion gets which scores?",
        _TRAIN,
    ),
    one_view=(
        "only one of the two views is in the loss",
        "The other view's encoder learns only through the banks' eyes.",
        "The loss is a sum of two.",
        _TRAIN,
    ),
    criteria_swapped=(
        "a criterion gets the other view's scores, or out_l and out_ab are exchanged",
        "Each view has a criterion of its own.",
        "Look at the left side of the call of contrast, and at the arguments of the criteria.",
        _TRAIN,
    ),
    criterion_input=(
        "a criterion gets something else than the scores as the contrast gave them",
        "A softmax, a squeeze or a slice comes in between.",
        "Look at the arguments of the criteria.",
        _TRAIN,
    ),
    scores_name=(
        "out_l or out_ab does not hold the scores of its view",
        "The given lines below your code read both.",
        "The comment above your code names the variables.",
        _TRAIN,
    ),
    scores_swapped=(
        "out_l and out_ab are exchanged",
        "The probabilities are reported under each other's name.",
        "Look at the left side of the call of contrast.",
        _TRAIN,
    ),
    mean_of_views=(
        "the two losses are averaged, not added",
        "Half the loss: the sanity numbers of the lesson are for the sum.",
        "Look at how the two are put together.",
        _TRAIN,
    ),
    loss_value=(
        "the loss is not the sum of both criteria's losses",
        "The number reported differs from the sum.",
        "Look at how the two are put together.",
        _TRAIN,
    ),
)
_add(
    "nce",
    target_shape=(
        "the shapes do not fit: the last dimension is still there, or was taken away twice",
        "The scores come as (batch_size, K+1, 1).",
        "Print the shapes step by step.",
        "The docstring of NCELoss, under Shape.",
    ),
    target_value=(
        "a column is named that does not exist",
        "The positive is at column 0, the noise at the others.",
        "Print the shapes step by step.",
        "The docstring of NCELoss, under Shape.",
    ),
    squeeze_breaks=(
        "a squeeze() without a dimension removes the batch or the columns when there is only one of them",
        "It works for most sizes and breaks for a batch of one.",
        "Look for squeeze(): name the dimension that you mean.",
        "The docstring of NCELoss, under Shape.",
    ),
    not_a_tensor=(
        "the loss was turned into a plain number, so it has no gradient",
        "A loss must be a tensor that knows how it was computed.",
        "Look for .item() or float().",
        _NCE,
    ),
    not_reduced=(
        "the losses are not averaged over the images",
        "One number for each image comes back, where one for the batch is asked for.",
        "Look at the last line.",
        "The docstring of NCELoss, under Shape.",
    ),
    not_scalar=(
        "the loss has a dimension too many",
        "One number, but in a shape such as (1,).",
        "Look at the last line.",
        "The docstring of NCELoss, under Shape.",
    ),
    not_finite=(
        "a logarithm of 0 or an overflow",
        "The loss is not a finite number. Z is 0 before the first batch.",
        "When is Z first set, and when is its logarithm first taken?",
        _Z,
    ),
    overflow=(
        "the logarithm of a sigmoid that is 0",
        "For large scores a plain log(sigmoid(x)) is minus infinity.",
        "Step 3 in the comment names the function that stays finite.",
        "The NCE notebook: the question on F.logsigmoid below the check.",
    ),
    normaliser_missing=(
        "Z was replaced: the buffer must be kept and written in place",
        "Z is not a tensor of one number any more, or is gone.",
        "Step 1 in the comment names two methods that write in place.",
        _Z,
    ),
    normaliser_in_graph=(
        "the gradient goes through Z",
        "Z is a measurement, not something to learn.",
        "Under what should the estimate stand, so that PyTorch does not record it?",
        _Z,
    ),
    normaliser_never_set=(
        "Z is never set: it stays 0",
        "The first batch should set it.",
        "Does anything write to self.Z in place?",
        _Z,
    ),
    normaliser_from_noise=(
        "Z is estimated from the noise alone, without the positives",
        "The positive's column belongs to the batch, too.",
        "Look at step 1: the mean of exp(x) is over all of x.",
        _Z,
    ),
    normaliser_of_mean=(
        "the exponential of the mean score, in place of the mean of the exponentials",
        "The two are the same only when all scores are equal.",
        "Look at the order of exp and mean in step 1.",
        _Z,
    ),
    normaliser_without_N=(
        "the factor N is missing from the estimate of Z",
        "Z is a sum over all N rows; a mean must be multiplied by N.",
        "Look at step 1.",
        _Z,
    ),
    normaliser_first_averaged=(
        "the first batch is averaged with the 0 that Z starts from",
        "The first estimate should *become* Z, there is nothing to average it with.",
        "Look at step 1: what is different at the first batch?",
        _Z,
    ),
    normaliser_summed=(
        "the estimate adds up over the K+1 columns",
        "It should be a mean over everything, times N.",
        "Look at step 1.",
        _Z,
    ),
    normaliser=(
        "the estimate of Z is not N times the mean of exp(scores)",
        "Z after the first batch is another number.",
        "Look at step 1, term by term.",
        _Z,
    ),
    normaliser_average=(
        "Z is not the moving average of the estimates",
        "After the second batch Z is another number.",
        "Look at step 1: old share, new share.",
        _Z,
    ),
    normaliser_each_batch=(
        "Z is measured anew from each batch, the old estimate is thrown away",
        "The estimate of a single batch jumps about.",
        "Look at step 1: what becomes of the old Z?",
        _Z,
    ),
    normaliser_never_updated=(
        "Z is set by the first batch and never again",
        "The first scores are those of random features. As training stretches them, Z stays behind.",
        "Look at step 1: what happens from the second batch on?",
        _Z,
    ),
    decay_wrong_side=(
        "the decay is on the wrong side: it weighs the new estimate",
        "The decay should be the share of the OLD Z.",
        "Which summand carries self.decay?",
        _Z,
    ),
    normaliser_after_loss=(
        "the loss uses the Z of the batch before",
        "Z is updated first, then used.",
        "Look at the order of steps 1 and 2.",
        "The three steps in the comment of NCELoss.",
    ),
    odds_without_noise=(
        "log(K / N) is missing from the log-odds",
        "The odds do not know how much noise was mixed in.",
        "Look at step 2.",
        _NCE,
    ),
    odds_noise_upside_down=(
        "log(K / N) has the wrong sign",
        "More noise should make a row less likely to be the true one.",
        "Look at the signs in step 2.",
        _NCE,
    ),
    odds_without_K=(
        "K is missing from the log-odds",
        "Each row is compared with one draw of noise, where there are K.",
        "Look at step 2.",
        _NCE,
    ),
    odds_without_normaliser=(
        "log Z is missing from the log-odds",
        "Scores are used as if they were log-probabilities.",
        "Look at step 2.",
        _NCE,
    ),
    sum_for_mean=(
        "the losses of the images are added up, not averaged",
        "The loss grows with the batch.",
        "Look at step 3: sum over columns, mean over the batch.",
        _NCE,
    ),
    columns_averaged=(
        "the loss is averaged over the columns, too",
        "It is K+1 times too small.",
        "Look at step 3: sum over columns, mean over the batch.",
        _NCE,
    ),
    positive_only=(
        "the noise is missing from the loss",
        "Only the yes to the positive counts, so saying yes to everything would be best.",
        "Look at step 3: there are two terms.",
        _NCE,
    ),
    noise_only=(
        "the positive is missing from the loss",
        "Only the no to the noise counts, so saying no to everything would be best.",
        "Look at step 3: there are two terms.",
        _NCE,
    ),
    noise_averaged=(
        "the noise is averaged over its K columns, not summed",
        "The noise weighs K times too little.",
        "Look at step 3: sum over columns, mean over the batch.",
        _NCE,
    ),
    signs_swapped=(
        "the signs of the log-odds are exchanged: a no is asked of the positive, a yes of the noise",
        "The loss rewards the opposite of what it should.",
        "-log h belongs to column 0, -log(1 - h) to the others.",
        _NCE,
    ),
    sign=(
        "the minus is missing",
        "The loss is negative.",
        "Look at the sign in front.",
        _NCE,
    ),
    positive_column=(
        "the positive is looked for at the wrong column",
        "The positive stands at column 0.",
        "Look at the slices in step 3.",
        _NCE,
    ),
    value=(
        "the loss is not that of the formula",
        "A case that can be worked out by hand gives another number.",
        "Work the formula out for equal scores, and compare step by step.",
        _NCE,
    ),
    no_gradient=(
        "the loss was cut off from the scores",
        "Nothing could be learned from it.",
        "Only step 1 is without gradient.",
        _NCE,
    ),
    gradient=(
        "the gradient is not that of the loss with Z held fixed",
        "The value is right, but part of the computation was left out of the graph, or too much is in it.",
        "Only step 1 is without gradient.",
        _Z,
    ),
)
