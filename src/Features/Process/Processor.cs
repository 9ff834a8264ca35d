using System.Collections.Immutable;
using System.Text.Json;

namespace EventFiles.Features.Process;

/// <summary>Something that makes variants of files: what it takes, what may be set, and the order that makes it.</summary>
/// <param name="name">In URLs, events and requests: never renamed.</param>
/// <param name="version">A number; raised when it makes something else of the same bytes and options.</param>
/// <param name="summary">For people.</param>
public abstract class Processor(string name, string version, string summary)
{
    public string Name { get; } = name;

    public string Version { get; } = version;

    public string Summary { get; } = summary;

    /// <summary>The media types that it works on.</summary>
    public abstract ImmutableArray<string> ContentTypes { get; }

    /// <summary>The program without which nothing is made of this type, and which is not everywhere; null when there is none.</summary>
    public virtual string? ToolFor(string contentType) => null;

    /// <summary>Whether it works on this type with what is installed here.</summary>
    public bool CanTake(string contentType, ITools tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        return Takes(contentType) && (ToolFor(contentType) is not { } tool || tools.Has(tool));
    }

    /// <summary>Where in the chain of a new version it stands.</summary>
    public virtual ProcessStage Stage => ProcessStage.Renditions;

    /// <summary>What may be set.</summary>
    public virtual ImmutableArray<OptionShape> Options => [];

    /// <summary>Whether it works on this type.</summary>
    public bool Takes(string contentType) => ContentTypes.Contains(contentType, StringComparer.Ordinal);

    /// <summary>The options with which it runs on every new version of this type; none when it runs on request only.</summary>
    public virtual IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [];

    /// <summary>
    /// What a variant is called. Other options, another name, so that asking twice makes one variant; or one name for all,
    /// and then the last one made stands.
    /// </summary>
    public abstract string VariantOf(ProcessorOptions options);

    /// <summary>The picture that is laid over what is made; null when none is.</summary>
    public virtual MarkPicture? PictureOver(ProcessorOptions options) => null;

    /// <summary>What a child is to do.</summary>
    public abstract RenderOrder Order(string contentType, ProcessorOptions options);

    /// <summary>The options in full: what was not given has its default. Options that contradict each other are named.</summary>
    /// <param name="given">By name, as a client sent them.</param>
    /// <param name="errors">By option, what is wrong with it; empty when nothing is.</param>
    public ProcessorOptions Read(IReadOnlyDictionary<string, JsonElement> given, out ImmutableDictionary<string, string[]> errors)
    {
        ArgumentNullException.ThrowIfNull(given);
        var options = ProcessorOptions.None;
        var wrong = ImmutableDictionary.CreateBuilder<string, string[]>(StringComparer.Ordinal);
        foreach (var shape in Options)
        {
            if (!given.TryGetValue(shape.Name, out var value) || value.ValueKind is JsonValueKind.Null)
                value = default;
            if (shape.Read(value, out var read) is { } error)
                wrong.Add($"options.{shape.Name}", [error]);
            else if (read is not null)
                options = options.With(shape.Name, read);
        }

        foreach (var unknown in given.Keys.Where(key => Options.All(shape => shape.Name != key)))
            wrong.Add($"options.{unknown}", ["There is no such option."]);
        var oneOf = Options.Where(shape => shape.IsOneOf).Select(shape => shape.Name).ToList();
        if (wrong.Count == 0 && oneOf.Count > 0 && oneOf.Count(name => options.Text(name) is not null) != 1)
            wrong.Add($"options.{oneOf[0]}", [$"Exactly one of {string.Join(" and ", oneOf)} is given."]);
        errors = wrong.ToImmutable();
        return errors.IsEmpty ? Complete(options) : options;
    }

    /// <summary>The step that makes this. What is personal in the options is not in it: see <see cref="Personal"/>.</summary>
    public PlannedStep Step(JobId job, ProcessorOptions options)
    {
        var full = Complete(options);
        return new PlannedStep(job, Name, VariantOf(full), full.Number("width") ?? 0, full.Number("height") ?? 0)
        {
            Options = full.Without(PersonalNames).ToJson(),
            ProcessorVersion = Version,
        };
    }

    /// <summary>What of the options tells something about a person; null when nothing does.</summary>
    public string? Personal(ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var personal = options.Only(PersonalNames);
        return personal.IsEmpty ? null : personal.ToJson();
    }

    /// <summary>The options of a step that was planned. Steps of former programs tell only the box that a picture fits in.</summary>
    /// <param name="personal">What <see cref="Personal"/> gave, or null.</param>
    public ProcessorOptions OptionsOf(PlannedStep step, string? personal)
    {
        ArgumentNullException.ThrowIfNull(step);
        var options = step.Options is { } json
            ? ProcessorOptions.Parse(json)
            : ProcessorOptions.None.With("width", step.MaxWidth).With("height", step.MaxHeight);
        return Complete(personal is null ? options : options.With(ProcessorOptions.Parse(personal)));
    }

    /// <summary>The same options in the one way in which they are written down. Gets them again, and leaves them as they are.</summary>
    protected virtual ProcessorOptions Complete(ProcessorOptions options) => options;

    private ImmutableHashSet<string> PersonalNames =>
        [.. Options.Where(shape => shape.IsPersonal).Select(shape => shape.Name)];
}
