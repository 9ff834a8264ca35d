using System.Diagnostics;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Tests.Pipeline;

public sealed class PipelineTests : IDisposable
{
    private static readonly AccountId Ann = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly Rejection Refused = new("shelf.full", RejectionKind.Conflict, "The shelf is full.");

    private readonly ServiceProvider services;
    private readonly Logged log = new();
    private readonly ManualTime time = new();
    private readonly ReadPosition position;
    private readonly Desk desk = new();

    public PipelineTests()
    {
        position = new ReadPosition(time);
        services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log))
            .AddSingleton<TimeProvider>(time)
            .AddSingleton<IReadPosition>(position)
            .AddSingleton(desk)
            .AddPipeline()
            .AddTransient<IRequestHandler<Write, Answer<string>>, Writer>()
            .AddTransient<IRequestHandler<Glance, Answer<string>>, Writer>()
            .AddTransient<IRequestHandler<Chore, Answer<Done>>, Writer>()
            .AddSingleton<IValidator<Write>, WriteShape>()
            .AddSingleton<IValidator<Write>, SecondShape>()
            .BuildServiceProvider(validateScopes: true);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => services.Dispose();

    [Fact]
    public async Task A_good_request_is_handled()
    {
        desk.Do = _ => "written";

        Assert.Equal("written", Assert.IsType<Answer<string>.Yes>(await Send(Good)).Value);
    }

    [Fact]
    public async Task A_wrong_shape_is_refused_with_every_field_named_as_the_client_wrote_it()
    {
        desk.Do = _ => throw new UnreachableException();
        var answer = await Send(new Write(Caller(), "", new Page0([new(-1), new(1), new(-2)]), "?"));

        var why = Assert.IsType<Answer<string>.No>(answer).Why;
        Assert.Equal(("validation", RejectionKind.Invalid), (why.Code, why.Kind));
        Assert.Equal(
            ["bodyText", "page.lines[0].sizeBytes", "page.lines[2].sizeBytes", "token"],
            why.Errors!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["It is empty.", "It has no word."], why.Errors["bodyText"]);
    }

    [Fact]
    public async Task A_field_that_cannot_be_read_is_a_wrong_shape_like_any_other()
    {
        var answer = await Send(Good with { Token = "?" });

        Assert.Equal(RejectionKind.Invalid, answer.Refusal!.Kind);
        Assert.Equal(["token"], answer.Refusal.Errors!.Keys);
    }

    [Fact]
    public async Task Events_bear_who_asked_and_in_which_trace()
    {
        using var listener = Listening([]);
        await Send(Good);

        Assert.Equal(Ann, desk.Seen!.Actor);
        Assert.Matches("^[0-9a-f]{32}$", desk.Seen.CorrelationId!);
        Assert.Null(desk.Seen.CausationId);
        Assert.Equal(nameof(Write), desk.Seen.Request);
        Assert.Equal(new Origin(null, null, null), Origin.Current);
    }

    [Fact]
    public async Task The_origin_that_the_queue_set_stays()
    {
        using var listener = Listening([]);
        var queued = new Origin(null, "their-trace", "their-event") { Via = "work" };
        Origin.Current = queued;
        await Wait.For(Mediator.Send(new Chore(), Cancel));

        Assert.Equal(queued with { Request = nameof(Chore) }, desk.Seen);
    }

    [Fact]
    public async Task A_request_is_a_span_with_its_refusal_or_its_error()
    {
        var spans = new List<Activity>();
        using var listener = Listening(spans);
        await Send(Good);
        desk.Do = _ => Refused;
        await Send(Good);
        desk.Do = _ => throw new FormatException("A bug.");
        await Assert.ThrowsAsync<FormatException>(() => Send(Good));

        Assert.All(spans, span => Assert.Equal("Write", span.DisplayName));
        Assert.Equal([null, "shelf.full", null], spans.Select(span => span.GetTagItem("eventfiles.refusal")));
        Assert.Equal(
            [ActivityStatusCode.Unset, ActivityStatusCode.Unset, ActivityStatusCode.Error], spans.Select(span => span.Status));
    }

    [Fact]
    public async Task One_line_tells_of_each_request_and_nothing_of_its_contents()
    {
        await Send(Good);
        desk.Do = _ => Refused;
        await Send(Good);
        desk.Do = _ => throw new BadCursorException();
        await Assert.ThrowsAsync<BadCursorException>(() => Send(Good));
        desk.Do = _ => throw new FormatException("A bug.");
        await Assert.ThrowsAsync<FormatException>(() => Send(Good));

        Assert.Equal(
            [LogLevel.Debug, LogLevel.Information, LogLevel.Information, LogLevel.Error], log.Lines.Select(line => line.Level));
        Assert.Contains("shelf.full", log.Lines.ElementAt(1).Text, StringComparison.Ordinal);
        Assert.All(log.Lines, line => Assert.StartsWith("Write ", line.Text, StringComparison.Ordinal));
        Assert.All(log.Lines, line => Assert.DoesNotContain(Good.BodyText, line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_who_gave_up_is_no_error()
    {
        using var leaving = new CancellationTokenSource();
        await leaving.CancelAsync();
        desk.Do = _ => throw new OperationCanceledException(leaving.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Mediator.Send(new Glance(), leaving.Token));

        Assert.Equal(LogLevel.Debug, Assert.Single(log.Lines).Level);
    }

    [Fact]
    public async Task A_write_is_answered_when_readers_see_it()
    {
        desk.Do = _ => new Answer<string>.Yes("written", 7);
        var answer = Send(Good);
        await Wait.Until(() => position.Waiting == 1, "the waiting request");
        Assert.False(answer.IsCompleted);

        position.Publish(7);
        Assert.Equal(7, (await Wait.For(answer)).EventPosition);
    }

    [Fact]
    public async Task A_write_is_answered_after_a_second_at_most()
    {
        desk.Do = _ => new Answer<string>.Yes("written", 7);
        var answer = Send(Good);
        await Wait.Until(() => position.Waiting == 1, "the waiting request");
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("written", Assert.IsType<Answer<string>.Yes>(await Wait.For(answer)).Value);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(20, 20)]
    [InlineData(3600, 60)]
    public async Task A_write_is_answered_as_late_as_was_asked_within_bounds(int asked, int seconds)
    {
        ReadYourWrites.AtMost = TimeSpan.FromSeconds(asked);
        desk.Do = _ => new Answer<string>.Yes("written", 7);
        var answer = Send(Good);
        await Wait.Until(() => position.Waiting == 1, "the waiting request");
        time.Advance(TimeSpan.FromSeconds(seconds - 0.5));
        Assert.Equal(1, position.Waiting);
        time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal("written", Assert.IsType<Answer<string>.Yes>(await Wait.For(answer)).Value);
    }

    [Fact]
    public async Task Nobody_waits_who_did_not_want_to_or_wrote_nothing_or_is_no_reader()
    {
        await Send(Good);
        desk.Do = _ => Refused;
        await Send(Good);
        desk.Do = _ => new Answer<string>.Yes("", 7);
        await Wait.For(Mediator.Send(new Chore(), Cancel));
        ReadYourWrites.Skip = true;
        await Send(Good);

        Assert.Equal(0, position.Applied);
    }

    private IMediator Mediator => services.GetRequiredService<IMediator>();

    private static Write Good { get; } = new(Caller(), "a secret word", new Page0([]), "good");

    private static Caller Caller() => new(Ann, default, false);

    private Task<Answer<string>> Send(Write request) => Wait.For(Mediator.Send(request, Cancel));

    private static ActivityListener Listening(List<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Tracing.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                // Other tests of this program run beside this one; only here somebody writes.
                if (span.DisplayName == nameof(Write))
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}

internal sealed record Write(Caller By, string BodyText, Page0 Page, string Token) : IRequest<Answer<string>>, IAsked;

internal sealed record Page0(IReadOnlyList<Line> Lines);

internal sealed record Line(long SizeBytes);

internal sealed record Glance : IRequest<Answer<string>>;

internal sealed record Chore(AccountId Owner = default) : IWork;

/// <summary>What the handler does, and the origin that it saw.</summary>
internal sealed class Desk
{
    public Func<object, Answer<string>> Do { get; set; } = _ => "done";

    public Origin? Seen { get; private set; }

    public Answer<string> Take(object request)
    {
        Seen = Origin.Current;
        return Do(request);
    }
}

internal sealed class Writer(Desk desk) :
    IRequestHandler<Write, Answer<string>>, IRequestHandler<Glance, Answer<string>>, IRequestHandler<Chore, Answer<Done>>
{
    public Task<Answer<string>> Handle(Write request, CancellationToken cancellationToken) => Task.FromResult(desk.Take(request));

    public Task<Answer<string>> Handle(Glance request, CancellationToken cancellationToken) => Task.FromResult(desk.Take(request));

    public Task<Answer<Done>> Handle(Chore request, CancellationToken cancellationToken) =>
        Task.FromResult(desk.Take(request).Map(_ => default(Done)));
}

internal sealed class WriteShape : AbstractValidator<Write>
{
    public WriteShape()
    {
        RuleFor(write => write.BodyText).NotEmpty().WithMessage("It is empty.");
        RuleForEach(write => write.Page.Lines).ChildRules(line => line.RuleFor(each => each.SizeBytes).GreaterThanOrEqualTo(0));
    }
}

internal sealed class SecondShape : AbstractValidator<Write>
{
    public SecondShape()
    {
        RuleFor(write => write.BodyText).Matches(@"\w").WithMessage("It has no word.");
        RuleFor(write => write.Token).NotEqual("?").WithErrorCode("malformed");
    }
}
