program hello
  implicit none
  real(8) :: x(6)
  integer :: i
  !$omp parallel do
  do i = 1, 6
    x(i) = 6d0
  end do
  print '(a, f0.0)', 'hello ', sum(x)
end program
