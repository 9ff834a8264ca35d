using EventFiles.Features.Audit;

namespace EventFiles.Features.Tests.Audit;

public sealed class TrailShapeTests
{
    [Fact]
    public void Whoever_asks_for_what_there_is_not_is_told_what_there_is()
    {
        var asked = new TrailFilter(null, null, null, null, null, null, (TrailOutcome)(-1), null, null, null, null);

        var refused = new TrailFilterShape().Validate(asked);

        Assert.Equal(["An outcome is done or refused."], refused.Errors.Select(one => one.ErrorMessage));
    }
}
