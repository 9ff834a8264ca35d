using EventFiles.Features.Audit;
using static EventFiles.Features.Audit.AuditCommand;
using static EventFiles.Features.Audit.AuditEvent;

namespace EventFiles.Features.Tests.Audit;

public sealed class AuditDeciderTests
{
    private static readonly Guid One = Guid.Parse("00000000-0000-7000-8000-000000000001");
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-000000000003"));
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly Refused No = new(One, "DeleteFile", "files.not-allowed", Photo, null, null, "192.0.2.1");

    private readonly Specification<AuditCommand, AuditState, AuditEvent> audit = new(AuditDecider.Decider, Noon);

    [Fact]
    public void A_refusal_is_told_of_once() => audit
        .Given()
        .When(new Refuse(One, "DeleteFile", "files.not-allowed", Photo, null, null, "192.0.2.1"))
        .Then(No);

    [Fact]
    public void How_often_it_happened_again_is_told_of_once() => audit
        .Given(No)
        .When(new RefuseAgain(One, 7, Noon))
        .Then(new RefusedAgain(One, 7, Noon));

    [Fact]
    public void What_is_only_counted_is_told_of_once() => audit
        .Given()
        .When(new RefuseMore(One, 7, Noon, Noon))
        .Then(new RefusedMore(One, 7, Noon, Noon));

    [Fact]
    public void An_export_is_told_of_once() => audit
        .Given()
        .When(new AuditCommand.Export(One, "csv", "outcome=refused"))
        .Then(new Exported(One, "csv", "outcome=refused"));

    [Fact]
    public void A_refusal_is_found_by_what_it_was_about_and_is_whose_it_was()
    {
        var about = new RequestTarget(Photo, FolderId.RootOf(Olga), Olga);
        Assert.Equal(new StreamId($"refused-{Photo}-{One}", Olga), AuditDecider.StreamOf(One, about, Olga));
        Assert.Equal($"refused-{Olga}-{One}", AuditDecider.StreamOf(One, about with { File = null }, Olga).Name);
        Assert.Equal($"refused-{Guid.Empty}-{One}", AuditDecider.StreamOf(One, default, RefusedRequest.Nobody).Name);
    }

    [Fact]
    public void What_a_person_is_refused_about_anothers_file_is_never_taken_for_their_own()
    {
        // PersonalTraces goes by these names.
        var names = typeof(Refused).GetProperties().Select(property => property.Name).ToList();
        Assert.Empty(names.Intersect(["File", "Upload", "Letter", "Account"]));
    }
}
